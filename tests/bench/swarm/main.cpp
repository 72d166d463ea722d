// bench-swarm: thousands of RTSP players in one thread.
#include "tests/bench/common/control.hpp"
#include "tests/bench/swarm/swarm.hpp"

#include <cstdio>
#include <exception>

namespace rtspproxy::bench {
namespace {

int run(const SwarmOptions& options) {
    raise_file_limit();
    Loop loop;
    Swarm swarm(loop, options);
    const Control control(loop, [&](const auto& words) { return swarm.run(words); });
    if (options.seconds > 0)
        loop.at(monotonic_now() + from_seconds(options.seconds), [&] { loop.quit(); });
    swarm.start();
    loop.run();
    print_line(options.json ? swarm.json() : swarm.text());
    const bool failed = options.check && !swarm.flawless();
    swarm.leave();
    return failed ? 3 : 0;
}

} // namespace
} // namespace rtspproxy::bench

int main(int argc, char** argv) {
    try {
        return rtspproxy::bench::run(rtspproxy::bench::parse_swarm_options(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-swarm: %s\n", error.what());
        return 1;
    }
}
