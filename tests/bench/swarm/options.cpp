#include "tests/bench/swarm/options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>

namespace rtspproxy::bench {
namespace {

constexpr const char* kAbout =
    "A swarm of RTSP players that check what they get. Prints a report at the end (of --seconds, "
    "or\n"
    "on SIGINT). Commands are read from stdin, one a line: stats (one line of JSON), reset "
    "(totals\n"
    "begin at zero), pause N, resume (players that stop reading), leave N, join N, quit.";

// Every "%d" of a pattern, from 1 to `count`.
std::vector<std::string> expand(const std::string& pattern, unsigned count) {
    std::vector<std::string> urls;
    for (unsigned i = 1; i <= count; ++i) {
        std::string url = pattern;
        if (const auto place = url.find("%d"); place != std::string::npos)
            url.replace(place, 2, std::to_string(i));
        urls.push_back(url);
    }
    return urls;
}

} // namespace

SwarmOptions parse_swarm_options(int argc, char** argv) {
    SwarmOptions options;
    std::string pattern;
    unsigned count = 1;
    CLI::App app(kAbout, "bench-swarm");
    app.add_option("--url", options.urls, "URL to play; repeatable");
    app.add_option("--url-pattern", pattern, "URLs with %d for 1 … --count");
    app.add_option("--count", count, "Number of URLs of --url-pattern")->capture_default_str();
    app.add_option("--clients", options.clients, "Number of players (default: one for each URL)");
    app.add_option("--transport", options.transport, "tcp, udp or mixed")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, TransportChoice>{{"tcp", TransportChoice::Tcp},
                                                   {"udp", TransportChoice::Udp},
                                                   {"mixed", TransportChoice::Mixed}}));
    app.add_flag("--audio", options.audio, "Set up all tracks, not only video");
    app.add_option("--user", options.credentials.user, "User for servers that ask for one");
    app.add_option("--password", options.credentials.password, "The user's password");
    app.add_option("--seconds", options.seconds, "How long to play; 0: until SIGINT")
        ->capture_default_str();
    app.add_option("--ramp", options.ramp, "Players started in a second")->capture_default_str();
    app.add_option("--lifetime", options.lifetime,
                   "Seconds (± 50 %) after which a player leaves and another one starts");
    app.add_option("--timeout", options.timeout, "Seconds to wait for the server's answers")
        ->capture_default_str();
    app.add_option("--udp-buffer", options.udp_buffer, "Receive buffer of UDP sockets (bytes)")
        ->capture_default_str();
    app.add_flag("--json", options.json, "Report as one line of JSON");
    app.add_flag("--check", options.check,
                 "Exit with 3 unless all players played to the end, nothing missing or repeated");
    try {
        app.parse(argc, argv);
        if (!pattern.empty()) {
            const auto more = expand(pattern, count);
            options.urls.insert(options.urls.end(), more.begin(), more.end());
        }
        if (options.urls.empty())
            throw CLI::RequiredError("--url or --url-pattern");
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    if (options.clients == 0)
        options.clients = static_cast<unsigned>(options.urls.size());
    return options;
}

} // namespace rtspproxy::bench
