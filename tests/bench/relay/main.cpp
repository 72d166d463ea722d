// bench-relay: the bare relay that proxies are compared with when there are many cameras. One
// thread; no queues, no statistics, no care for what it carries. Players get TCP only.
#include "tests/bench/common/control.hpp"
#include "tests/bench/relay/relay_mount.hpp"
#include "tests/bench/server/rtsp_server.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace rtspproxy::bench {
namespace {

struct RelayOptions {
    std::uint16_t port = 0;
    bool tcp = false;
    std::vector<std::string> urls;
};

RtspClient::Options camera_options(const std::string& text, bool tcp) {
    const auto url = parse_url(text);
    const auto address = url ? resolve(url->host, url->port) : std::nullopt;
    if (!address)
        throw std::runtime_error("cannot resolve the host of a URL");
    RtspClient::Options options;
    options.url = *url;
    options.address = *address;
    options.credentials = {url->user, url->password};
    options.transport = tcp ? Transport::Tcp : Transport::Udp;
    return options;
}

void relay(const RelayOptions& options) {
    raise_file_limit();
    Loop loop;
    RelayShared shared{loop, {}, {}};
    std::vector<std::unique_ptr<RelayMount>> mounts;
    RtspServer server(loop, {.address = resolve("127.0.0.1", options.port).value()},
                      [](std::span<const std::uint8_t>) {});
    server.set_transports(true, false);
    for (const std::string& url : options.urls) {
        mounts.push_back(
            std::make_unique<RelayMount>(shared, server.udp(), camera_options(url, options.tcp)));
        server.add("/stream" + std::to_string(mounts.size()), *mounts.back());
    }
    const Control control(loop, [](const auto&) { return std::string("error unknown"); });
    print_line("listening " + std::to_string(server.port()));
    loop.run();
}

} // namespace
} // namespace rtspproxy::bench

int main(int argc, char** argv) {
    rtspproxy::bench::RelayOptions options;
    CLI::App app("Relays cameras to rtsp://127.0.0.1:PORT/stream1 … /streamN", "bench-relay");
    app.add_option("-p,--port", options.port, "TCP port; 0 is any free one");
    app.add_flag("-t,--tcp", options.tcp, "Cameras send over TCP instead of UDP");
    app.add_option("URL", options.urls, "Cameras")->required();
    CLI11_PARSE(app, argc, argv)
    try {
        rtspproxy::bench::relay(options);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-relay: %s\n", error.what());
        return 1;
    }
}
