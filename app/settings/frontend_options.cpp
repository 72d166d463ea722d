#include "app/settings/frontend_options.hpp"

#include "app/settings/option_group.hpp"
#include "app/settings/option_values.hpp"

namespace rtspproxy::settings {
namespace {

constexpr auto kPortOption = "-p,--port";
constexpr auto kBindOption = "--bind";

} // namespace

void FrontendOptions::add_to(CLI::App& app) {
    app.option_defaults()->group("Front end");
    add_value(app, kPortOption, port_, "PORT",
              "RTSP port that clients connect to, 0 to 65535 (0: any free one). If it is taken or "
              "not permitted, 554 and then 8554 are tried. Default: 554.");
    add_value(app, kBindOption, bind_, "ADDRESS",
              "Listen on this numeric IPv4 or IPv6 address only. Default: all, of both families.");
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
    return {};
}

} // namespace rtspproxy::settings
