#compdef @TOOLS@
# Completion of the tools' command lines for zsh. What there is to complete comes
# from what the tool itself says: -h, and for numbers the capture on the line.

# Columns that TOOL ARG... prints, as its -h lists them.
_mptcp_columns() {
	"$@" -h 2>/dev/null </dev/null | awk '
	/^[^ ]/ { section = $1 }
	/^  / && section == "Columns:" { for (i = 1; i <= NF; i++) if (!seen[$i]++) print $i }'
}

# The numbers in a column of the table that TOOL prints of the files on the line;
# of the first one if the operands are A and B.
_mptcp_numbers() {
	local tool=$1 column=$2 word
	local -a files
	for word in ${(Q)words[2,-1]}; do
		word=${word/#\~\//$HOME/}
		[[ -f $word ]] && files+=($word)
	done
	(( two )) && files=($files[1])
	(( $#files )) && timeout 2 $tool -H -o $column -- $files 2>/dev/null </dev/null |
		head -n 1000 | sort -nu
}

_mptcp_captures() {
	_files -g '*.(pcap|pcapng|cap|tsv)(|.gz)(-.)'
}

_mptcp_tools() {
	local tool=${(Q)words[1]/#\~\//$HOME/} directory= line section= two=0 value say
	local curcontext=$curcontext state state_descr context
	local -a match mbegin mend specs kinds given list writes
	typeset -A opt_args

	[[ $tool == */* ]] && directory=${tool%/*}/
	for line in ${(f)"$($tool -h 2>/dev/null </dev/null)"}; do
		[[ $line == usage:*' A B' ]] && two=1
		[[ $line == [^[:space:]]* ]] && section=${line%% *}
		if [[ $line =~ '^  (-.), (--[a-z0-9-]+)( [A-Z][^ ]*)? +(.*)$' ]]; then
			value=${match[3]# } say=${${match[4]//\[/(}//\]/)}
			[[ $value == FILE ]] && writes+=($match[1] $match[2])
			case $value in
			'') ;;
			DIR) value=':direction:(c2s s2c)' ;;
			MODE) value=":mode:(${${${say##*: }%% \(*}//,/})" ;;
			*) value=":${value//,/ }:->$match[1]$value" ;;
			esac
			say="[${say//:/\\:}]"
			list=($match[1]${value:++} $match[2]${value:+=})
			specs+=("($match[1] $match[2])"$^list$say$value)
		elif [[ $section == Kinds && $line =~ '^  ([^ ]+) +(.*)$' ]]; then
			kinds+=("$match[1]:$match[2]")
		fi
	done
	(( $#kinds )) && specs+=('1:kind:->kind')

	_arguments -s -S -C $specs '*:capture or table:_mptcp_captures' && return
	case $state in
	kind)
		_describe kind kinds ;;
	*A,B,C)
		# other options may have chosen another table
		for line in ${${(k)opt_args}:#(-o|--columns)}; do
			(( $writes[(Ie)$line] )) || given+=($line ${(Q)opt_args[$line]})
		done
		list=(${(f)"$(_mptcp_columns $tool $given)"})
		(( $#list )) || list=(${(f)"$(_mptcp_columns $tool)"})
		_values -s , column $list ;;
	*COLUMN)
		list=(${(f)"$(_mptcp_columns ${directory}mptcp-extract)"})
		_describe column list ;;
	-cN)
		list=(${(f)"$(_mptcp_numbers ${directory}mptcp-conns conn)"})
		_describe -V connection list ;;
	-sN)
		list=(${(f)"$(_mptcp_numbers ${directory}mptcp-subflows stream)"})
		_describe -V stream list ;;
	*FILE*)
		_files ;;
	*)
		_message "$state_descr" ;;
	esac
}

_mptcp_tools "$@"
