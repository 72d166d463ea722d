#include "app/settings/command_line.hpp"

#include "app/settings/announce_parser.hpp"
#include "app/settings/argument_parser.hpp"
#include "app/settings/backend_options.hpp"
#include "app/settings/delivery_options.hpp"
#include "app/settings/frontend_options.hpp"
#include "app/settings/output_options.hpp"
#include "app/settings/registration_options.hpp"

namespace rtspproxy::settings {
namespace {

constexpr ProgramText kProgramText{
    .name = "gst-rtsp-proxy",
    .description =
        "Pulls each RTSP stream once and serves it, untouched, to any number of clients.\n",
    .usage = "gst-rtsp-proxy [OPTION...] [NAME=]URL...\n"
             "       gst-rtsp-proxy [OPTION...] --register\n"
             "       gst-rtsp-proxy [OPTION...] --demo\n"
             "       gst-rtsp-proxy register|deregister --help",
    .footer = "Examples:\n"
              "  gst-rtsp-proxy -p 8554 rtsp://192.168.1.20/stream1\n"
              "        Serve one camera at rtsp://this-host:8554/proxyStream.\n"
              "  gst-rtsp-proxy -t --password-file /etc/cameras.login \\\n"
              "          door=rtsp://10.0.0.5/live hall=rtsp://10.0.0.6/live\n"
              "        Serve two cameras, pulled over TCP, at rtsp://this-host/door and /hall.\n"
              "  gst-rtsp-proxy register --suffix door other-host rtsp://10.0.0.5/live\n"
              "        Have the proxy on other-host, started with --register, serve a camera.\n"
              "\n"
              "Exit status: 0 stopped as asked, 1 could not start, 2 wrong usage."};

} // namespace

Invocation parse(int argc, const char* const* argv, const Environment& environment) {
    if (argc > 1 && is_announce_command(argv[1]))
        return parse_announcement(argc, argv);
    const auto app = make_app(kProgramText);
    BackendOptions backend_options;
    FrontendOptions frontend_options;
    DeliveryOptions delivery_options;
    RegistrationOptions registration_options;
    OutputOptions output_options;
    backend_options.add_to(*app);
    frontend_options.add_to(*app);
    delivery_options.add_to(*app);
    registration_options.add_to(*app);
    output_options.add_to(*app);
    if (auto other = parse_arguments(*app, argc, argv))
        return std::move(*other);

    Settings settings;
    output_options.apply(settings);
    const auto result = frontend_options.apply(settings)
                            .and_then([&] { return registration_options.apply(settings); })
                            .and_then([&] { return backend_options.apply(settings, environment); })
                            .and_then([&] { return delivery_options.apply(settings); });
    if (!result)
        return WrongUsage{result.error().message};
    return settings;
}

} // namespace rtspproxy::settings
