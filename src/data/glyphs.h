/* How a hand may write each digit: the points that its strokes pass through. */
#ifndef WG_DATA_GLYPHS_H
#define WG_DATA_GLYPHS_H

enum { WG_GLYPH_VARIANTS = 4, WG_GLYPH_MAX_POINTS = 24 };

/* x (right) and y (down) in hundredths of the digit's box, in the order of writing.  A smooth
 * curve passes through the points; a point given twice is a corner, and (-1, -1) lifts the pen. */
typedef struct wg_glyph {
    const signed char *xy;
    int points;
} wg_glyph;

extern const wg_glyph wg_glyphs[10][WG_GLYPH_VARIANTS];

#endif
