# shellcheck shell=bash
# Completion of the tools' command lines for bash. What there is to complete comes
# from what the tool itself says: -h, and for numbers the capture on the line.

# What `TOOL ARG... -h` says, a line each:
#	option NAME [VALUE]	twice, short and long; VALUE is what the help calls it
#	choice NAME WORD	a value that this option may have
#	column NAME
#	kind NAME		a word for the first operand
#	two			the operands are A and B
_mptcp_help() {
	"$@" -h 2>/dev/null </dev/null | awk '
	/^usage:.* A B$/ { print "two" }
	/^[^ ]/ { section = $1 }
	/^  -., --/ {
		value = match($0, /^  -., --[a-z0-9-]+ [A-Z]/) ? $3 : ""
		name[1] = substr($1, 1, 2)
		name[2] = $2
		words = 0
		if (value == "DIR")
			words = split("c2s s2c", word)
		else if (value == "MODE" && sub(/.*: /, "") + sub(/ \(.*/, "") > 0)
			words = split($0, word, ", ")
		for (i = 1; i <= 2; i++) {
			print "option", name[i], value
			for (j = 1; j <= words; j++)
				print "choice", name[i], word[j]
		}
		next
	}
	/^  / && section == "Columns:" { for (i = 1; i <= NF; i++) print "column", $i }
	/^  / && section == "Kinds" { print "kind", $1 }'
}

_mptcp_columns() {
	_mptcp_help "$@" | awk '$1 == "column" && !seen[$2]++ { print $2 }'
}

# Another tool, from where this one is.
_mptcp_other() {
	[[ $1 == */* ]] && printf '%s/%s' "${1%/*}" "$2" || printf '%s' "$2"
}

# Captures and tables, or any file where there are none; directories.
_mptcp_files() {
	local file found=0
	compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		case $file in
		*.pcap | *.pcapng | *.cap | *.tsv | *.pcap.gz | *.pcapng.gz | *.cap.gz | *.tsv.gz)
			found=1 ;;
		*)	[[ -d $file ]] || continue ;;
		esac
		COMPREPLY+=("$file")
	done < <(compgen -f -- "$1")
	((found)) || mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# Names after the last comma, but for those that are there already.
_mptcp_list() {
	local cur=$1 before='' name
	shift
	[[ $cur == *,* ]] && before=${cur%,*},
	compopt -o nospace 2>/dev/null
	for name; do
		[[ ,$before == *",$name,"* || $name != "${cur##*,}"* ]] ||
			COMPREPLY+=("$before$name")
	done
}

_mptcp_words() {
	local cur=$1
	shift
	mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
}

# The numbers in a column of the table that TOOL prints of files, without waiting
# for the end of big ones.
_mptcp_numbers() {
	local cur=$1 tool=$2 column=$3
	shift 3
	(($#)) || return
	compopt -o nosort 2>/dev/null
	_mptcp_words "$cur" "$(timeout 2 "$tool" -H -o "$column" -- "$@" 2>/dev/null </dev/null |
		head -n 1000 | sort -nu)"
}

# A word as the shell would see it, in REPLY.
_mptcp_unquote() {
	REPLY=$1
	[[ $REPLY == '~'/* ]] && REPLY=$HOME/${REPLY#*/}
	REPLY=${REPLY//[\\\"\']/}
}

_mptcp_tools() {
	local tool=$1 cur=${COMP_WORDS[COMP_CWORD]} option='' i word first REPLY
	local -a files=() operands=() given=() columns=() kinds=()
	local -A value=() choices=()

	COMPREPLY=()
	[[ $tool == '~'/* ]] && tool=$HOME/${tool#*/}
	while read -r word first i; do
		case $word in
		option) value[$first]=$i ;;
		choice) choices[$first]+=" $i" ;;
		kind) kinds+=("$first") ;;
		two) value[two]=yes ;;
		esac
	done < <(_mptcp_help "$tool")

	# bash makes three words of --name=value
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		[[ $word == '=' && -n $option ]] && continue
		if [[ -n $option ]]; then
			[[ ${value[$option]} == FILE ]] || given+=("$option" "$word")
			option=''
		elif [[ $word == --* || $word == -? ]]; then
			option=$word
		elif [[ $word == -?* ]]; then
			option=-${word: -1}
		else
			_mptcp_unquote "$word"
			operands+=("$REPLY")
			[[ -f $REPLY ]] && files+=("$REPLY")
		fi
		if [[ -n $option && -z ${value[$option]-} ]]; then
			[[ -v value[$option] ]] && given+=("$option")
			option=''
		fi
	done
	[[ $cur == '=' ]] && cur=''
	# numbers are those of A, and of files behind the cursor too
	for word in "${COMP_WORDS[@]:COMP_CWORD+1}"; do
		_mptcp_unquote "$word"
		[[ -f $REPLY ]] && files+=("$REPLY")
	done
	[[ -n ${value[two]-} ]] && files=("${files[@]:0:1}")

	case ${option:+${value[$option]}}/$option in
	A,B,C/*)
		# other options may have chosen another table
		mapfile -t columns < <(_mptcp_columns "$tool" "${given[@]}")
		((${#columns[@]})) || mapfile -t columns < <(_mptcp_columns "$tool")
		_mptcp_list "$cur" "${columns[@]}" ;;
	COLUMN/*)
		_mptcp_words "$cur" "$(_mptcp_columns \
			"$(_mptcp_other "$tool" mptcp-extract)")" ;;
	N/-c | N/--conn)
		_mptcp_numbers "$cur" "$(_mptcp_other "$tool" mptcp-conns)" conn "${files[@]}" ;;
	N/-s | N/--stream)
		_mptcp_numbers "$cur" "$(_mptcp_other "$tool" mptcp-subflows)" stream "${files[@]}" ;;
	FILE*/*)
		_mptcp_files "$cur" ;;
	/)	if [[ $cur == -* ]]; then
			unset 'value[two]'
			_mptcp_words "$cur" "${!value[@]}"
		elif ((${#kinds[@]} && !${#operands[@]})); then
			_mptcp_words "$cur" "${kinds[@]}"
		else
			_mptcp_files "$cur"
		fi ;;
	*)	_mptcp_words "$cur" "${choices[$option]-}" ;;
	esac
}

complete -F _mptcp_tools @TOOLS@
