#!/bin/sh
# The list of the night that has just closed, and what to do in each way in which making it can end.
#
#   nightly.sh extract=/srv/vispera/extracts
#
# What is typed goes to `vispera score`. The rest is said in the environment; docs/nightly.md tells of it. Needs GNU date.
set -u

PROBLEM=${PROBLEM:-hotel}
VISPERA=${VISPERA:-vispera}   # the command, as in /srv/vispera/.venv/bin/vispera
MODEL=${MODEL:-production}    # folder into which the champion is pulled
ATTEMPTS=${ATTEMPTS:-6}       # how often the list is tried
PAUSE=${PAUSE:-600}           # seconds between two attempts
ALARM=${ALARM:-}              # a command that gets two words: whom to tell, and what; without it: stderr
export TZ="${TZ:-Europe/Madrid}" # the hotel's: whose yesterday it is
NIGHT=${NIGHT:-$(date -d yesterday +%F)}

tell() {
    if [ -n "$ALARM" ]; then
        "$ALARM" "$1" "night $NIGHT: $2" && return
    fi
    echo "$1: night $NIGHT: $2" >&2
}

"$VISPERA" pull "problem=$PROBLEM" "to=$MODEL" ||
    tell data-science "the champion was not pulled; the model pulled before it makes the list"

attempt=1
fallback=no
while :; do
    "$VISPERA" score "problem=$PROBLEM" "night=$NIGHT" "artefact=$MODEL" "$@"
    code=$?
    case $code in
    0) # the list is there
        exit 0
        ;;
    2) # the command or the configuration is wrong: the same again ends the same
        tell developers "no list: vispera refuses the command or its configuration"
        break
        ;;
    3) # the model has seen this night, or another gate refused: only another model helps
        tell data-science "no list: a gate refused; promote a model that has not seen this night"
        break
        ;;
    130) # somebody stopped it, and knows
        break
        ;;
    5) # the extract is broken; a corrected one may come, and is read at the next attempt
        [ "$attempt" -gt 1 ] ||
            tell data-engineering "no list yet: the extract is not what was declared; send it again"
        ;;
    6) # a labelled fallback lies ready; a list that comes later supersedes it
        fallback=yes
        ;;
    *) # 1, out of memory, killed: a full disk, a share that is away, a fault of ours
        ;;
    esac
    [ "$attempt" -lt "$ATTEMPTS" ] || break
    attempt=$((attempt + 1))
    sleep "$PAUSE"
done

case $code in
2 | 3 | 5 | 6 | 130) ;;
*) tell operations "vispera ended with exit $code, $attempt times; what it said is in the log" ;;
esac
if [ "$fallback" = yes ]; then
    tell call-centre "today's list is a fallback; its manifest says why"
elif [ "$code" -ne 130 ]; then
    tell call-centre "there is no list today; call nobody from an earlier one"
fi
exit "$code"
