# Put the list of columns, which comes first on standard input as TSV with the
# columns column, type and meaning, into the page where it says @COLUMNS@.
#
#	mptcp-extract --list-columns | awk -f columns.awk - page.in > page

# Text that roff takes as it stands: a sentence to a line, of at most 80 characters.
function text(s,	word, n, i, line, lines) {
	gsub(/\\/, "\\e", s)
	n = split(s, word, " ")
	for (i = 1; i <= n; i++) {
		if (line != "" && (line ~ /\.$/ || length(line " " word[i]) > 80)) {
			lines = lines line "\n"
			line = ""
		}
		line = line (line != "" ? " " : word[i] ~ /^[.']/ ? "\\&" : "") word[i]
	}
	return lines line
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
