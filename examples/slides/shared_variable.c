/* Deck 001, "More Complicated Networks": a shared variable.  u reaches z along two paths, through
 * y and through w, and what it does to z is the sum over the paths of each path's product:
 *
 *     ∂z/∂u = ∂z/∂y × ∂y/∂u + ∂z/∂w × ∂w/∂u
 *
 * Here y = u², w = 3u + 1 and z = y w at u = 2, so that all can be checked in the head.  A path by
 * itself is what z does when only that path's copy of u is moved. */
#include "lesson/lesson.h"

int main(int argc, char **argv)
{
    lesson *l =
        lesson_begin(argc, argv, "shared_variable", "deck 001, \"a_k is now a shared variable\"");
    const double u = 2, y = u * u, w = 3 * u + 1, z = y * w;
    const double dz_dy = w, dy_du = 2 * u, dz_dw = y, dw_du = 3;

    wg_tensor *U = lesson_scalar(l, "u", u);
    wg_tensor *U1 = lesson_node(l, "u₁", U),
              *U2 = lesson_node(l, "u₂", U); /* u, once for each path */
    wg_tensor *Y = lesson_node(l, "y", wg_square(U1));
    wg_tensor *W = lesson_node(l, "w", wg_add_scalar(wg_mul_scalar(U2, 3), 1));
    wg_tensor *Z = wg_label(wg_mul(Y, W), "z");
    lesson_value(l, "y = u²", y, Y);
    lesson_value(l, "w = 3u + 1", w, W);
    lesson_value(l, "z = y w", z, Z);

    lesson_say(l, "\nalong the path through y\n");
    lesson_derive(l, NULL, dz_dy, Z, Y);
    lesson_derive(l, "∂y/∂u", dy_du, Y, U);
    lesson_derive(l, "∂z/∂y × ∂y/∂u", dz_dy * dy_du, Z, U1);
    lesson_say(l, "\nalong the path through w\n");
    lesson_derive(l, NULL, dz_dw, Z, W);
    lesson_derive(l, "∂w/∂u", dw_du, W, U);
    lesson_derive(l, "∂z/∂w × ∂w/∂u", dz_dw * dw_du, Z, U2);
    lesson_say(l, "\nboth: %g + %g = %g.  By algebra, z = 3u³ + u² and ∂z/∂u = 9u² + 2u = %g.\n",
               dz_dy * dy_du, dz_dw * dw_du, dz_dy * dy_du + dz_dw * dw_du, 9 * u * u + 2 * u);
    lesson_derive(l, "∂z/∂u, the sum", dz_dy * dy_du + dz_dw * dw_du, Z, U);
    lesson_derive(l, "9u² + 2u", 9 * u * u + 2 * u, Z, U);
    return lesson_end(l);
}
