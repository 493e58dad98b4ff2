#include "strip.h"

#include <math.h>

enum { ROUNDS = 200, HALVINGS = 60 };

/* m(a) near one slope: its value, its gradient, and where the strip touches. */
struct look {
	double height, gradient;
	size_t above, below;	/* corners */
};

void strip_free(struct strip *s)
{
	hull_free(&s->above);
	hull_free(&s->below);
}

void strip_copy(struct strip *into, const struct strip *from)
{
	hull_copy(&into->above, &from->above);
	hull_copy(&into->below, &from->below);
}

bool strip_bound(struct strip *s, bool upper, int64_t t, int64_t v)
{
	return upper ? hull_add(&s->above, t, v) : hull_add(&s->below, t, -v);
}

static struct look look(const struct strip *s, double slope)
{
	struct look l = { .above = hull_touch(&s->above, slope),
			  .below = hull_touch(&s->below, -slope) };

	l.height = hull_value(&s->above, l.above, slope) +
		   hull_value(&s->below, l.below, -slope);
	l.gradient = (double)(s->below.at[l.below].t - s->above.at[l.above].t);
	return l;
}

/* Where the slope can be with the strip touching one corner: up to the edges beside it. */
static void clamp(const struct hull *h, size_t corner, bool mirrored,
		  double *low, double *high)
{
	double left = corner ? hull_slope(h, corner - 1) : -INFINITY;
	double right = corner + 1 < h->n ? hull_slope(h, corner) : INFINITY;

	*low = fmax(*low, mirrored ? -right : left);
	*high = fmin(*high, mirrored ? -left : right);
}

static double nearest_zero(double low, double high)
{
	return low > 0 ? low : high < 0 ? high : 0;
}

/* The slopes between which m keeps the value it has at this one. */
static double flattest(const struct strip *s, const struct look *l, double steepest)
{
	double low = -steepest, high = steepest;

	clamp(&s->above, l->above, false, &low, &high);
	clamp(&s->below, l->below, true, &low, &high);
	return nearest_zero(low, high);
}

/* The slope where m is highest: tangents of both sides meet there. */
static double best_slope(const struct strip *s, double steepest)
{
	double low = -steepest, high = steepest, at = low;
	struct look l = look(s, low), h = look(s, high);

	if (l.gradient <= 0)
		return l.gradient < 0 || !steepest ? low : flattest(s, &l, steepest);
	if (h.gradient >= 0)
		return h.gradient > 0 ? high : flattest(s, &h, steepest);
	for (int i = 0; i < ROUNDS; i++) {
		double top;
		struct look m;

		at = low + (h.height - l.height - h.gradient * (high - low)) /
			   (l.gradient - h.gradient);
		top = l.height + l.gradient * (at - low);
		m = look(s, at);
		if (m.gradient == 0)
			return flattest(s, &m, steepest);
		if (m.height >= top - 1e-3 || at <= low || at >= high)
			break;
		if (m.gradient > 0) {
			low = at;
			l = m;
		} else {
			high = at;
			h = m;
		}
	}
	return at;
}

/* The slope farthest from one that is so high, in the direction of `end`, that is. */
static double farthest(const struct strip *s, double from, double end, double height)
{
	if (look(s, end).height >= height)
		return end;
	for (int i = 0; i < HALVINGS; i++) {
		double mid = (from + end) / 2;

		if (look(s, mid).height >= height)
			from = mid;
		else
			end = mid;
	}
	return end;
}

double strip_fit(const struct strip *s, double steepest, double slack,
		 struct line *line)
{
	double slope = best_slope(s, steepest);
	struct look l = look(s, slope);

	if (slack > 0 && slope != 0) {
		slope = farthest(s, slope, 0, l.height - slack);
		l = look(s, slope);
	}
	*line = (struct line){
		hull_value(&s->above, l.above, slope) - l.height / 2, slope
	};
	return l.height;
}

struct strip_range strip_slopes(const struct strip *s, double steepest,
				const struct line *line)
{
	return (struct strip_range){ farthest(s, line->slope, -steepest, 0),
				     farthest(s, line->slope, steepest, 0) };
}

/* The highest value at t of lines below this hull: concave in the slope. */
static double highest(const struct hull *h, double low, double high, double t)
{
	for (int i = 0; i < HALVINGS && low < high; i++) {
		double mid = (low + high) / 2;

		if ((double)h->at[hull_touch(h, mid)].t < t)
			low = mid;
		else
			high = mid;
	}
	return fmax(hull_value(h, hull_touch(h, low), low) + low * t,
		    hull_value(h, hull_touch(h, high), high) + high * t);
}

bool strip_reaches(const struct strip *s, const struct strip_range *slopes,
		   bool upper, double t, double v)
{
	if (upper ? !s->below.n : !s->above.n)
		return true;
	if (upper)
		return -highest(&s->below, -slopes->high, -slopes->low, t) <= v;
	return highest(&s->above, slopes->low, slopes->high, t) >= v;
}

double strip_error(const struct strip *s, const struct strip_range *slopes,
		   const struct line *line, double t)
{
	double v = line->at0 + line->slope * t;
	double up = highest(&s->above, slopes->low, slopes->high, t) - v;
	double down = v + highest(&s->below, -slopes->high, -slopes->low, t);

	return fmax(fmax(up, down), 0);
}
