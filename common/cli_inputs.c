/* The operands of tools that take two, or read them more than once. */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "msg.h"
#include "source.h"

struct source *cli_open_other(struct cli *c)
{
	struct source_options o = c->input;

	o.paths = c->other;
	o.count = 1;
	return source_open(&o);
}

void cli_need_files(struct cli *c)
{
	const struct source_options *o = &c->input;

	for (int i = 0; c->rereads && (i <= o->count || i == 1); i++) {
		const char *path = i == 0 ? *c->other : o->count ? o->paths[i - 1] : "-";

		errno = 0;
		if (!input_is_file(path) && !errno)
			msg_usage(&c->msg, "%s: with -2 captures are read more than once, "
				  "so they have to be files, by name",
				  strcmp(path, "-") == 0 ? "<stdin>" : path);
	}
}

void cli_take_two(struct cli *c, char **path, int count)
{
	if (count != 2)
		msg_usage(&c->msg, "it takes two operands, A and B, see %s -h", c->name);
	if (strcmp(path[0], "-") == 0 && strcmp(path[1], "-") == 0)
		msg_usage(&c->msg, "A and B can't both be standard input");
	c->other = path + 1;
}

bool cli_are_files(const struct cli *c)
{
	bool files = c->input.count && (!c->other || input_is_file(*c->other));

	for (int i = 0; i < c->input.count; i++)
		files &= input_is_file(c->input.paths[i]);
	return files;
}

void cli_rewind(struct cli *c, bool was_said)
{
	was_said |= c->msg.shown > 0;
	source_rewind(c->source, was_said);
	source_rewind(c->second, was_said);
}
