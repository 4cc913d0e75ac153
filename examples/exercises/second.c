/* Exercise 10, decks 001 and 003: sigma'(x) = sigma(x) (1 - sigma(x)). Differentiate once more,
 * and write sigma''(x) in terms of s = sigma(x) alone. Newton's method wants it; so does a
 * network whose cost contains a gradient. The answer is differentiated again by the checker,
 * which then compares third derivatives. */
#include "judge/judge.h"

static wg_tensor *second(wg_tensor *s)
{
    return not_solved(s);
}

int main(void)
{
    return judge_second(second);
}
