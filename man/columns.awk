# Put the list of columns, which comes first on standard input as TSV with the
# columns column, type and meaning, into the page where it says @COLUMNS@.
#
#	mptcp-extract --list-columns | awk -f columns.awk - page.in > page

# Text that roff takes as it stands, a sentence to a line.
function text(s) {
	gsub(/\\/, "\\e", s)
	gsub(/\. /, ".\n", s)
	return s ~ /^[.']/ ? "\\&" s : s
}

BEGIN { FS = "\t" }

FILENAME == "-" {
	if (FNR > 1)
		items = items ".It Sy " $1 " Pq \"" text($2) "\"\n" text($3) "\n"
	next
}

$0 == "@COLUMNS@" {
	printf "%s", items
	next
}

{ print }
