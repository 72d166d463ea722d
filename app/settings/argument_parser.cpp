#include "app/settings/argument_parser.hpp"

#include "app/settings/help_text.hpp"
#include "app/settings/secrets.hpp"

#include <string_view>

namespace rtspproxy::settings {
namespace {

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
    const bool repeatable = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (!repeatable &&
        option->results().size() > static_cast<std::size_t>(option->get_items_expected_max()))
        return names + ": given more than once";
    return names + ": needs " + option->get_option_text();
}

WrongUsage describe_unknown(std::string_view argument) {
    // Not shown: it may be the rest of an unquoted password.
    if (!argument.starts_with('-'))
        return {"too many arguments; --help lists them"};
    return {"unknown option " + masked_quote(option_name(argument)) + "; --help lists them"};
}

} // namespace

// Leaves unknown options in app.remaining(): CLI11's own error would quote them in full.
std::unique_ptr<CLI::App> make_app(const ProgramText& text) {
    auto app = std::make_unique<CLI::App>(text.description, text.name);
    app->set_help_flag(); // the caller's, to be listed last
    app->formatter(std::make_shared<HelpFormatter>(text.usage));
    app->footer(text.footer);
    app->allow_extras();
    return app;
}

std::optional<Invocation> parse_arguments(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return TextToPrint{app.help()};
    } catch (const CLI::CallForVersion& version) {
        return TextToPrint{std::string(version.what()) + '\n'};
    } catch (const CLI::ArgumentMismatch& error) {
        return WrongUsage{describe_mismatch(app, error.what())};
    } catch (const CLI::ParseError& error) {
        return WrongUsage{error.what()};
    }
    for (const auto& argument : app.remaining())
        if (argument != "--") // the mark that only positional arguments follow
            return describe_unknown(argument);
    return std::nullopt;
}

} // namespace rtspproxy::settings
