import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;

/** Reads a place at least so many times, and until so many lists were seen; each must be whole. */
public final class ReadWithoutPause {
    private ReadWithoutPause() {}

    public static void main(String[] arguments) throws Exception {
        Path place = Paths.get(arguments[0]);
        int least = Integer.parseInt(arguments[1]);
        int lists = Integer.parseInt(arguments[2]);
        Set<String> seen = new HashSet<>();
        LocalDate night = LocalDate.MIN;
        int reads = 0;
        while (reads < least || seen.size() < lists) {
            ListReader.CallList list = ListReader.read(place, night);
            if (seen.add(list.folder)) {
                check(place, list);
            }
            night = list.night; // CURRENT never goes back: an earlier night would be stale
            reads++;
        }
        System.out.println(reads + " " + seen.size());
        System.exit(0);
    }

    private static void check(Path place, ListReader.CallList list) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (ListReader.Row row : list.rows) {
            lines.append(row.json()).append('\n');
        }
        byte[] written = Files.readAllBytes(place.resolve(list.folder).resolve("list.jsonl"));
        if (!lines.toString().equals(new String(written, StandardCharsets.UTF_8))) {
            throw new IllegalStateException(list.folder + ": list.csv and list.jsonl differ");
        }
    }
}
