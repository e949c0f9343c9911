# The type that a word stands for, singular or plural, long or short.
_weft_type() {
  local word=${1//_/-}
  REPLY=${_weft_types[$word]-}
  [ -n "$REPLY" ] || REPLY=${_weft_types[${word%s}]-}
}

# The names of objects that begin with $2, asked of the server, which gets two seconds. What says
# which server and project is passed on.
_weft_names() {
  timeout "${WEFT_COMPLETION_SECONDS:-2}" "${COMP_WORDS[0]}" __names "${through[@]}" "$1" "$2" 2>/dev/null </dev/null
}

_weft() {
  # Words as typed, not broken at colons and equals signs.
  local line=${COMP_LINE:0:COMP_POINT} words current command type
  local -a candidates=()
  read -ra words <<<"$line"
  case $line in *[[:space:]]) words+=("") ;; esac
  local last=$((${#words[@]} - 1))
  current=${words[last]}
  command=${words[1]-}
  COMPREPLY=()
  local -a through=()
  local i
  for ((i = 2; i < last - 1; i++)); do
    case ${words[i]} in --api | --project) through+=("${words[i]}" "${words[i + 1]}") ;; esac
  done

  if [ "$last" -le 1 ]; then
    candidates=($(compgen -W "${!_weft_options[*]}" -- "$current"))
  elif [[ $current == -* ]]; then
    candidates=($(compgen -W "${_weft_options[$command]-}" -- "$current"))
  else
    case ${words[last - 1]} in
      -o | --output) candidates=($(compgen -W "table yaml json" -- "$current")) ;;
      -f | --file | --config) candidates=($(compgen -f -- "$current")) ;;
      --project) candidates=($(_weft_names project "$current")) ;;
      *) _weft_words ;;
    esac
  fi

  # Readline completes only what stands behind the last colon or equals sign.
  local cut=""
  [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && cut=${current%"${current##*:}"}
  if [[ $COMP_WORDBREAKS == *=* && $current == *=* && -z $cut ]]; then
    cut=${current%"${current##*=}"}
  fi
  local each
  for each in "${candidates[@]}"; do
    COMPREPLY+=("${each#"$cut"}")
  done
  if [ ${#COMPREPLY[@]} = 1 ]; then
    case ${COMPREPLY[0]} in *= | *.) compopt -o nospace 2>/dev/null ;; esac
  fi
}

# Types, names and fields, by the place of the word among those that are no options.
_weft_words() {
  local -a plain=()
  local i skip=""
  for ((i = 2; i < last; i++)); do
    if [ -n "$skip" ]; then
      skip=""
      continue
    fi
    case ${words[i]} in
      -y | --yes | --prune | --dry-run | --all-projects | -h | --help | --*=*) ;;
      -*) skip=1 ;;
      *) plain+=("${words[i]}") ;;
    esac
  done
  case $command in
    get | list | create | edit | set | delete | explain) ;;
    completion)
      candidates=($(compgen -W "bash zsh" -- "$current"))
      return
      ;;
    *) return ;;
  esac
  if [ ${#plain[@]} = 0 ]; then
    if [[ $command == explain && $current == *.* ]]; then
      _weft_type "${current%%.*}"
      candidates=($(compgen -P "${current%%.*}." -W "${_weft_fields[$REPLY]-}" -- "${current#*.}"))
    else
      candidates=($(compgen -W "${!_weft_types[*]}" -- "$current"))
    fi
    return
  fi
  _weft_type "${plain[0]}"
  type=$REPLY
  [ -n "$type" ] || return
  case $command:${#plain[@]} in
    get:* | delete:* | edit:1 | set:1) candidates=($(_weft_names "$type" "$current")) ;;
    create:* | set:*)
      case $current in
        *_refs=*)
          local field=${current%%=*} value=${current#*=}
          _weft_type "${field%_refs}"
          candidates=($(_weft_names "$REPLY" "${value##*,}"))
          candidates=("${candidates[@]/#/$field=${value%"${value##*,}"}}")
          ;;
        *=*) ;;
        *) candidates=($(compgen -S = -W "${_weft_fields[$type]-}" -- "$current")) ;;
      esac
      ;;
  esac
}

complete -F _weft weft
