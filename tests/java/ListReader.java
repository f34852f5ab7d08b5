import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tonight's list as docs/handoff.md describes it, whole or refused. Java 11 or later, no dependencies.
 *
 * <p>Copy this file into your system and give it your package. Nothing in it depends on the locale, the time zone
 * or the default charset of the machine.
 */
public final class ListReader {
    /** The schema that this reader understands. */
    public static final int SCHEMA = 1;

    private static final int ATTEMPTS = 20;
    private static final long PAUSE_MILLIS = 50;
    private static final Pattern CURRENT = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*) ([0-9a-f]{64})\n");
    private static final Pattern UNIT = Pattern.compile("[0-9a-f]{16}");

    private ListReader() {}

    /** Why a list was refused; the number is the exit code of {@link #main}. */
    public enum Fault {
        NOTHING_THERE(1),
        USAGE(2),
        STALE(3),
        SCHEMA(4),
        DAMAGED(5);

        final int exitCode;

        Fault(int exitCode) {
            this.exitCode = exitCode;
        }
    }

    /** A list that must not be used. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        public final Fault fault;

        Refused(Fault fault, String message) {
            super(message);
            this.fault = fault;
        }
    }

    /** A list proper, or what stands in for it where none could be made. */
    public enum Kind {
        LIST,
        FALLBACK
    }

    /** Type of a column. */
    public enum Type {
        DATE,
        INTEGER,
        NUMBER,
        FLAG,
        TEXT
    }

    /** One row; an empty cell is null in every type. */
    public static final class Row {
        private final Map<String, Type> types;
        private final Map<String, String> cells;

        Row(Map<String, Type> types, Map<String, String> cells) {
            this.types = types;
            this.cells = cells;
        }

        public String text(String column) {
            if (!cells.containsKey(column)) {
                throw new IllegalArgumentException("no column " + column + " in " + cells.keySet());
            }
            String cell = cells.get(column);
            return cell.isEmpty() ? null : cell;
        }

        public BigDecimal number(String column) {
            String cell = text(column);
            return cell == null ? null : new BigDecimal(cell);
        }

        public BigInteger integer(String column) {
            String cell = text(column);
            return cell == null ? null : new BigInteger(cell);
        }

        public LocalDate date(String column) {
            String cell = text(column);
            return cell == null ? null : LocalDate.parse(cell);
        }

        public Boolean flag(String column) {
            String cell = text(column);
            if (cell == null) {
                return null;
            }
            if (cell.equalsIgnoreCase("true") || cell.equalsIgnoreCase("false")) {
                return cell.equalsIgnoreCase("true");
            }
            throw new NumberFormatException("no flag: " + cell);
        }

        /** The row as one line of JSON, the same as in list.jsonl. */
        public String json() {
            StringBuilder line = new StringBuilder("{");
            for (Map.Entry<String, Type> column : types.entrySet()) {
                if (line.length() > 1) {
                    line.append(',');
                }
                quote(column.getKey(), line);
                line.append(':');
                value(column.getKey(), column.getValue(), line);
            }
            return line.append('}').toString();
        }

        private void value(String column, Type type, StringBuilder line) {
            String cell = text(column);
            if (cell == null) {
                line.append("null");
            } else if (type == Type.FLAG) {
                line.append(flag(column));
            } else if (type == Type.INTEGER || type == Type.NUMBER) {
                line.append(cell);
            } else {
                quote(cell, line);
            }
        }

        /** Throws what its types throw if a cell is not of its column's type. */
        void check() {
            for (Map.Entry<String, Type> column : types.entrySet()) {
                switch (column.getValue()) {
                    case DATE:
                        date(column.getKey());
                        break;
                    case INTEGER:
                        integer(column.getKey());
                        break;
                    case NUMBER:
                        number(column.getKey());
                        break;
                    case FLAG:
                        flag(column.getKey());
                        break;
                    default:
                        break;
                }
            }
        }
    }

    /** A list that was read whole. */
    public static final class CallList {
        public final String folder;
        public final LocalDate night;
        public final Kind kind;
        /** Of a fallback: why there is no list. */
        public final String reason;
        public final boolean simulated;
        public final boolean inSample;
        public final List<Row> rows;
        /** All that the manifest says, further keys too. */
        public final Properties manifest;

        CallList(String folder, Properties manifest, List<Row> rows) throws Refused {
            this.folder = folder;
            this.manifest = manifest;
            this.rows = Collections.unmodifiableList(rows);
            this.night = nightOf(manifest);
            this.kind = oneOf(Kind.class, wanted(manifest, "kind"));
            this.reason = wanted(manifest, "reason");
            this.simulated = Boolean.parseBoolean(wanted(manifest, "simulated"));
            this.inSample = Boolean.parseBoolean(wanted(manifest, "in_sample"));
        }
    }

    /**
     * The list that CURRENT names.
     *
     * @param place the folder that holds CURRENT
     * @param oldest the earliest night that is still good; as a rule yesterday, in the hotel's own time zone
     * @throws Refused if there is none, or it is damaged, of another schema, or of an earlier night
     * @throws IOException if the place cannot be read; try again later
     */
    public static CallList read(Path place, LocalDate oldest) throws Refused, IOException {
        for (int attempt = 1; ; attempt++) {
            Matcher current = current(place);
            try {
                return readFolder(place.resolve(current.group(1)), current.group(2), oldest);
            } catch (NoSuchFileException vanished) {
                // Old folders are taken away: CURRENT may name another one by now.
                if (attempt == ATTEMPTS) {
                    throw new Refused(Fault.DAMAGED, vanished.getFile() + " is missing");
                }
                pause();
            }
        }
    }

    private static Matcher current(Path place) throws Refused, IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(place.resolve("CURRENT"));
        } catch (NoSuchFileException nothing) {
            throw new Refused(Fault.NOTHING_THERE, "nothing has been published in " + place);
        }
        Matcher line = CURRENT.matcher(new String(content, StandardCharsets.US_ASCII));
        if (!line.matches()) {
            throw new Refused(Fault.DAMAGED, "CURRENT is no line of a folder and a sha256");
        }
        return line;
    }

    private static CallList readFolder(Path folder, String seal, LocalDate oldest) throws Refused, IOException {
        // What is hashed is what is parsed: each file is read once.
        byte[] sealed = hashed(folder.resolve("manifest.properties"), seal);
        Properties manifest = new Properties();
        try {
            manifest.load(new ByteArrayInputStream(sealed));
        } catch (IllegalArgumentException malformed) {
            throw new Refused(Fault.DAMAGED, "manifest.properties: " + malformed.getMessage());
        }
        String schema = wanted(manifest, "schema");
        if (!schema.equals(Integer.toString(SCHEMA))) {
            throw new Refused(Fault.SCHEMA, "schema " + schema + ", wanted " + SCHEMA);
        }
        LocalDate night = nightOf(manifest);
        if (night.isBefore(oldest)) {
            throw new Refused(Fault.STALE, "the newest list is of " + night + ", wanted " + oldest + " or later");
        }
        byte[] list = hashed(folder.resolve("list.csv"), wanted(manifest, "list.csv.sha256"));
        return new CallList(folder.getFileName().toString(), manifest, rows(manifest, list));
    }

    private static byte[] hashed(Path file, String sha256) throws Refused, IOException {
        byte[] content = Files.readAllBytes(file);
        if (!sha256(content).equals(sha256)) {
            throw new Refused(Fault.DAMAGED, file + " has another sha256 than was published");
        }
        return content;
    }

    private static List<Row> rows(Properties manifest, byte[] list) throws Refused {
        Map<String, Type> types = new LinkedHashMap<>();
        int columns = whole(manifest, "columns");
        for (int place = 1; place <= columns; place++) {
            Type type = oneOf(Type.class, wanted(manifest, "column." + place + ".type"));
            types.put(wanted(manifest, "column." + place + ".name"), type);
        }
        List<List<String>> records = records(utf8(list));
        if (records.isEmpty() || !records.get(0).equals(new ArrayList<>(types.keySet()))) {
            throw new Refused(Fault.DAMAGED, "list.csv has other columns than its manifest");
        }
        if (records.size() - 1 != whole(manifest, "rows")) {
            throw new Refused(Fault.DAMAGED, "list.csv has another number of rows than its manifest says");
        }
        List<Row> rows = new ArrayList<>();
        for (List<String> record : records.subList(1, records.size())) {
            rows.add(row(types, record));
        }
        return rows;
    }

    private static Row row(Map<String, Type> types, List<String> record) throws Refused {
        if (record.size() != types.size()) {
            throw new Refused(Fault.DAMAGED, "a row holds " + record.size() + " values, wanted " + types.size());
        }
        Map<String, String> cells = new LinkedHashMap<>();
        int place = 0;
        for (String column : types.keySet()) {
            cells.put(column, record.get(place++));
        }
        Row row = new Row(types, cells);
        try {
            row.check();
        } catch (NumberFormatException | DateTimeParseException wrong) {
            throw new Refused(Fault.DAMAGED, "a value is not of its column's type: " + wrong.getMessage());
        }
        String unit = cells.get("unit");
        if (unit == null || !UNIT.matcher(unit).matches()) {
            throw new Refused(Fault.DAMAGED, "a row has no unit of 16 hexadecimal digits: " + unit);
        }
        return row;
    }

    /** Records of a CSV by RFC 4180. Cells may hold commas, quotes and line ends: never split by lines. */
    static List<List<String>> records(String text) throws Refused {
        List<List<String>> records = new ArrayList<>();
        List<String> record = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int at = 0; at < text.length(); at++) {
            char sign = text.charAt(at);
            if (quoted) {
                if (sign != '"') {
                    cell.append(sign);
                } else if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
                    cell.append(text.charAt(at++));
                } else {
                    quoted = false;
                }
            } else if (sign == '"') {
                quoted = true;
            } else if (sign == ',' || sign == '\n') {
                record.add(cell.toString());
                cell.setLength(0);
                if (sign == '\n') {
                    records.add(record);
                    record = new ArrayList<>();
                }
            } else if (sign != '\r' || at + 1 == text.length() || text.charAt(at + 1) != '\n') {
                cell.append(sign);
            }
        }
        if (quoted || cell.length() > 0 || !record.isEmpty()) {
            throw new Refused(Fault.DAMAGED, "list.csv ends within a row");
        }
        return records;
    }

    private static String utf8(byte[] content) throws Refused {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException broken) {
            throw new Refused(Fault.DAMAGED, "list.csv is not UTF-8");
        }
    }

    private static LocalDate nightOf(Properties manifest) throws Refused {
        try {
            return LocalDate.parse(wanted(manifest, "night"));
        } catch (DateTimeParseException wrong) {
            throw new Refused(Fault.DAMAGED, "night: " + wrong.getMessage());
        }
    }

    private static String wanted(Properties manifest, String key) throws Refused {
        String value = manifest.getProperty(key);
        if (value == null) {
            throw new Refused(Fault.DAMAGED, "manifest.properties does not say " + key);
        }
        return value;
    }

    private static int whole(Properties manifest, String key) throws Refused {
        try {
            return Integer.parseInt(wanted(manifest, key));
        } catch (NumberFormatException wrong) {
            throw new Refused(Fault.DAMAGED, key + " is no number: " + wrong.getMessage());
        }
    }

    /** Without Locale.ROOT "list" becomes "L\u0130ST" on a Turkish machine. */
    private static <E extends Enum<E>> E oneOf(Class<E> type, String word) throws Refused {
        try {
            return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new Refused(Fault.DAMAGED, "unknown " + type.getSimpleName() + ": " + word);
        }
    }

    private static String sha256(byte[] content) {
        try {
            StringBuilder digits = new StringBuilder();
            for (byte each : MessageDigest.getInstance("SHA-256").digest(content)) {
                digits.append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
            }
            return digits.toString();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void quote(String text, StringBuilder line) {
        line.append('"');
        for (int at = 0; at < text.length(); at++) {
            char sign = text.charAt(at);
            int known = "\"\\\n\r\t\b\f".indexOf(sign);
            if (known >= 0) {
                line.append('\\').append("\"\\nrtbf".charAt(known));
            } else if (sign < ' ') {
                line.append("\\u00").append(Character.forDigit(sign >> 4, 16)).append(Character.forDigit(sign & 15, 16));
            } else {
                line.append(sign);
            }
        }
        line.append('"');
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a list was awaited", interrupted);
        }
    }

    /**
     * {@code java ListReader PLACE OLDEST_NIGHT}: its rows as JSON lines in UTF-8.
     *
     * <p>Exit codes: 0 a list; 6 a fallback, which is printed too; refused: 1 nothing there, 2 usage, 3 stale,
     * 4 another schema, 5 damaged.
     */
    public static void main(String[] arguments) throws IOException {
        int code;
        try {
            CallList list = read(Paths.get(argument(arguments, 0)), date(argument(arguments, 1)));
            print(list, System.out);
            tell(list.folder + ": " + list.rows.size() + " rows, " + list.kind.name().toLowerCase(Locale.ROOT)
                    + (list.simulated ? ", simulated: there is nobody to call" : "")
                    + (list.inSample ? ", in sample: not to be called from" : "")
                    + (list.kind == Kind.FALLBACK ? ": " + list.reason : ""));
            code = list.kind == Kind.LIST ? 0 : 6;
        } catch (Refused refused) {
            tell("refused, " + refused.fault + ": " + refused.getMessage());
            code = refused.fault.exitCode;
        }
        System.exit(code);
    }

    private static String argument(String[] arguments, int place) throws Refused {
        if (arguments.length != 2) {
            throw new Refused(Fault.USAGE, "type: java ListReader PLACE OLDEST_NIGHT, as in 2017-03-16");
        }
        return arguments[place];
    }

    private static LocalDate date(String text) throws Refused {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException wrong) {
            throw new Refused(Fault.USAGE, "no date, as in 2017-03-16: " + text);
        }
    }

    private static void print(CallList list, OutputStream out) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Row row : list.rows) {
            lines.append(row.json()).append('\n');
        }
        out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static void tell(String line) throws IOException {
        new PrintStream(System.err, true, "UTF-8").println(line);
    }
}
