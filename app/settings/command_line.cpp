#include "app/settings/command_line.hpp"

#include "app/settings/backend_options.hpp"
#include "app/settings/frontend_options.hpp"
#include "app/settings/help_text.hpp"
#include "app/settings/option_group.hpp"
#include "app/settings/output_options.hpp"
#include "app/settings/secrets.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string_view>

namespace rtspproxy::settings {
namespace {

constexpr auto kProgram = "gst-rtsp-proxy";

constexpr auto kDescription =
    "Pulls each RTSP stream once and serves it, untouched, to any number of clients.\n";

constexpr auto kFooter =
    "Examples:\n"
    "  gst-rtsp-proxy -p 8554 rtsp://192.168.1.20/stream1\n"
    "        Serve one camera at rtsp://this-host:8554/proxyStream.\n"
    "  gst-rtsp-proxy -t --password-file /etc/cameras.login \\\n"
    "          door=rtsp://10.0.0.5/live hall=rtsp://10.0.0.6/live\n"
    "        Serve two cameras, pulled over TCP, at rtsp://this-host/door and /hall.\n"
    "\n"
    "Exit status: 0 stopped as asked, 1 could not start, 2 wrong usage.";

// The option that an unknown argument names, without the value that may be stuck to it.
std::string option_name(std::string_view argument) {
    if (!argument.starts_with("--"))
        return std::string(argument.substr(0, 2));
    return std::string(argument.substr(0, argument.find('=')));
}

// CLI11 says which option only within the text: "--port: 1 required PORT missing", or, of a switch
// with a value, "tcp was given a disallowed flag override".
std::string describe_mismatch(const CLI::App& app, std::string_view text) {
    const auto name = std::string(text.substr(0, text.find_first_of(": ")));
    const auto* option = app.get_option_no_throw(name);
    if (option == nullptr)
        option = app.get_option_no_throw("--" + name);
    if (option == nullptr)
        return std::string(text);
    const auto names = option->get_name(false, true);
    if (option->get_items_expected_max() == 0)
        return names + ": takes no value";
    if (option->results().size() > static_cast<std::size_t>(option->get_items_expected_max()))
        return names + ": given more than once";
    return names + ": needs " + option->get_option_text();
}

// Leaves unknown options in app.remaining(): CLI11's own error would quote them in full.
std::unique_ptr<CLI::App> make_app() {
    auto app = std::make_unique<CLI::App>(kDescription, kProgram);
    app->set_help_flag(); // an OutputOption, to be listed last
    app->formatter(std::make_shared<HelpFormatter>());
    app->footer(kFooter);
    app->allow_extras();
    return app;
}

} // namespace

Invocation parse(int argc, const char* const* argv, const Environment& environment) {
    const auto app = make_app();
    BackendOptions backend_options;
    FrontendOptions frontend_options;
    OutputOptions output_options;
    backend_options.add_to(*app);
    frontend_options.add_to(*app);
    output_options.add_to(*app);

    try {
        app->parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return TextToPrint{app->help()};
    } catch (const CLI::CallForVersion& version) {
        return TextToPrint{std::string(version.what()) + '\n'};
    } catch (const CLI::ArgumentMismatch& error) {
        return WrongUsage{describe_mismatch(*app, error.what())};
    } catch (const CLI::ParseError& error) {
        return WrongUsage{error.what()};
    }
    for (const auto& argument : app->remaining())
        if (argument != "--") // the mark that only URLs follow
            return WrongUsage{"unknown option " + masked_quote(option_name(argument)) +
                              "; --help lists them"};

    Settings settings;
    output_options.apply(settings);
    const auto result = frontend_options.apply(settings).and_then(
        [&] { return backend_options.apply(settings, environment); });
    if (!result)
        return WrongUsage{result.error().message};
    return settings;
}

} // namespace rtspproxy::settings
