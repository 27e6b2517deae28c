# Made from the table of commands by sngen; do not edit.
# bash completion for sngen

_sngen()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local words=""

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "new check generate stubs explain fmt graph doc lock diff --help --version" -- "$word")
        return
    fi
    case $before in
    -o | --output)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return ;;
    --format)
        mapfile -t COMPREPLY < <(compgen -W "text json" -- "$word")
        return ;;
    --as)
        mapfile -t COMPREPLY < <(compgen -W "mermaid dot" -- "$word")
        return ;;
    esac
    case ${COMP_WORDS[1]} in
    new) words="-o --output -h --help" ;;
    check) words="--format -W --strict --lint --budget -h --help" ;;
    generate) words="-o --output -MD --list --with-tests --with-fuzzers --with-sim --format -h --help" ;;
    stubs) words="-o --output --format -h --help" ;;
    explain) words="-h --help" ;;
    fmt) words="--check -h --help" ;;
    graph) words="--as -h --help" ;;
    doc) words="-h --help" ;;
    lock) words="--check --format -h --help" ;;
    diff) words="--allow --format -h --help" ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -d -S / -- "$word"
            compgen -f -X '!*.y?(a)ml' -- "$word")
    fi
}

complete -o nospace -o filenames -F _sngen sngen
