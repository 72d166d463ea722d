#include "app/sender/sender.hpp"

#include "app/log.hpp"
#include "app/printable.hpp"
#include "plugins/registration/register_client.hpp"

#include <cstdio>
#include <cstdlib>

namespace rtspproxy::sender {
namespace {

using settings::AnnounceCommand;

std::string quoted(const std::string& text) {
    return '"' + text + '"';
}

// A name is known only if one was asked for; the proxy does not tell which it chose.
std::string describe_registered(const AnnounceCommand& command) {
    auto text = "Registered " + quoted(command.display_url) + " with " + command.proxy;
    if (command.suffix)
        text += " as rtsp://" + command.proxy + '/' + *command.suffix;
    return text;
}

std::string describe_deregistered(const AnnounceCommand& command) {
    const auto& what = command.suffix ? *command.suffix : command.display_url;
    return "Deregistered " + quoted(what) + " from " + command.proxy;
}

registration::AnnounceOptions to_options(const AnnounceCommand& command) {
    registration::AnnounceOptions options;
    options.deregister = command.deregister;
    options.tcp = command.tcp;
    options.suffix = command.suffix;
    if (command.credentials)
        options.account = {command.credentials->user, command.credentials->password};
    options.timeout = command.timeout;
    return options;
}

} // namespace

Result<std::string> announce(const AnnounceCommand& command) {
    return registration::announce(command.proxy, command.url, to_options(command)).map([&](auto&&) {
        return command.deregister ? describe_deregistered(command) : describe_registered(command);
    });
}

int run(const AnnounceCommand& command) {
    const auto announced = announce(command);
    if (!announced) {
        log::print_lines("gst-rtsp-proxy: " + printable(announced.error().message));
        return EXIT_FAILURE;
    }
    std::puts(announced->c_str());
    return EXIT_SUCCESS;
}

} // namespace rtspproxy::sender
