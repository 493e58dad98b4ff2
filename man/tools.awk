# The page of all tools: their names and what each is for, out of their own pages.
# usage: awk -f tools.awk man/TOOL.1 ... man/mptcp-tools.7.in

/^\.Nd / && FILENAME ~ /\.1$/ {
	name = FILENAME
	gsub(/.*\/|\.1$/, "", name)
	tool[++tools] = name
	text[tools] = substr($0, 5)
	sorted[tools] = name
	for (i = tools; i > 1 && sorted[i] < sorted[i - 1]; i--) {
		sorted[i] = sorted[i - 1]
		sorted[i - 1] = name
	}
}
FILENAME ~ /\.1$/ { next }
$0 == "@TOOLS@" {
	for (i = 1; i <= tools; i++)
		printf ".It Xr %s 1\n%s\n", tool[i], text[i]
	next
}
$0 == "@PAGES@" {
	for (i = 1; i <= tools; i++)
		printf ".Xr %s 1 ,\n", sorted[i]
	next
}
{ print }
