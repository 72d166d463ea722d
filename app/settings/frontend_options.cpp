#include "app/settings/frontend_options.hpp"

#include "app/settings/option_group.hpp"
#include "app/settings/option_values.hpp"

namespace rtspproxy::settings {
namespace {

constexpr auto kPortOption = "-p,--port";
constexpr auto kBindOption = "--bind";
constexpr auto kMaxConnectionsOption = "--max-connections";
constexpr auto kMaxConnectionsPerAddress = "--max-connections-per-address";
constexpr auto kRequestTimeoutOption = "--request-timeout";

} // namespace

void FrontendOptions::add_to(CLI::App& app) {
    app.option_defaults()->group("Front end");
    add_value(app, kPortOption, port_, "PORT",
              "RTSP port that clients connect to, 0 to 65535 (0: any free one). If it is taken or "
              "not permitted, 554 and then 8554 are tried. Default: 554.");
    add_value(app, kBindOption, bind_, "ADDRESS",
              "Listen on this numeric IPv4 or IPv6 address only. Default: all, of both families.");
    const ConnectionSettings defaults;
    add_value(
        app, kMaxConnectionsOption, max_connections_, "N",
        "Most connections of clients at a time; one more is refused (503), unless another has "
        "not sent a request yet, " +
            describe_count(kMaxConnections, "connections", defaults.max_connections));
    add_value(
        app, kMaxConnectionsPerAddress, max_per_address_, "N",
        "The same of one address (IPv6: of one /64 network), " +
            describe_count(kMaxConnections, "connections", defaults.max_connections_per_address));
    add_value(app, kRequestTimeoutOption, request_timeout_, "S",
              "How long a client may take to send a request, from its first byte to its last, " +
                  describe_seconds(kRequestTimeout, defaults.request_timeout));
}

Result<void> FrontendOptions::apply(Settings& settings) const {
    if (port_) {
        const auto port = parse_port(kPortOption, *port_, kFrontEndPort);
        if (!port)
            return tl::unexpected(port.error());
        settings.port = *port;
    }
    if (bind_) {
        auto address = parse_address(kBindOption, *bind_);
        if (!address)
            return tl::unexpected(std::move(address.error()));
        settings.bind_address = std::move(*address);
    }
    return apply_limits(settings.connections);
}

Result<void> FrontendOptions::apply_limits(ConnectionSettings& connections) const {
    return read_count(kMaxConnectionsOption, max_connections_, kMaxConnections,
                      connections.max_connections)
        .and_then([&] {
            return read_count(kMaxConnectionsPerAddress, max_per_address_, kMaxConnections,
                              connections.max_connections_per_address);
        })
        .and_then([&] {
            return read_seconds(kRequestTimeoutOption, request_timeout_, kRequestTimeout,
                                connections.request_timeout);
        });
}

} // namespace rtspproxy::settings
