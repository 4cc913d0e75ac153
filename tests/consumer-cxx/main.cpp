// What a program in C++17 sees of an installed wengert: the same as consumer-c, shapes from C++'s own lists.
#include <array>
#include <iostream>
#include <memory>
#include <wengert.h>

int main()
{
    const std::unique_ptr<wg_tape, decltype(&wg_tape_free)> t(wg_tape_new(WG_F64), &wg_tape_free);
    const std::array<double, 3> values{1, 2, 3};
    wg_tensor *x = wg_constant(t.get(), WG_SHAPE(3), values.data());
    wg_tensor *f = wg_sum_axes(wg_mul(x, wg_mul(x, x)), WG_AXES(0), false), *g = nullptr, *h = nullptr;
    std::array<double, 3> first{}, second{};
    wg_grad(f, 1, &x, &g);
    wg_grad(wg_sum(g), 1, &x, &h);
    wg_get_f64(g, first.data());
    wg_get_f64(h, second.data());
    if (wg_error(t.get()) != nullptr) {
        std::cerr << wg_error(t.get()) << '\n';
        return 1;
    }
    std::cout << "wengert " << wg_version() << ": " << first[0] << ' ' << first[1] << ' ' << first[2] << ", " << second[0] << ' '
              << second[1] << ' ' << second[2] << '\n';
}
