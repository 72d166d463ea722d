// The command line of bench-swarm.
#pragma once

#include "tests/bench/common/auth.hpp"

#include <string>
#include <vector>

namespace rtspproxy::bench {

enum class TransportChoice { Tcp, Udp, Mixed };

struct SwarmOptions {
    std::vector<std::string> urls; // players take them in turn
    unsigned clients = 0;          // 0: one for each URL
    TransportChoice transport = TransportChoice::Tcp;
    bool audio = false;
    Credentials credentials;
    double seconds = 10; // 0: until SIGINT or "quit"
    double ramp = 200;   // players started a second
    double lifetime = 0; // seconds a player stays, ± 50 %; 0: to the end
    double timeout = 10; // seconds for an answer
    int udp_buffer = 2 * 1024 * 1024;
    bool json = false;
    bool check = false; // fail unless everything played without a flaw
};

// Exits with a message for --help and wrong usage.
[[nodiscard]] SwarmOptions parse_swarm_options(int argc, char** argv);

} // namespace rtspproxy::bench
