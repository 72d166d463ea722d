#include "app/settings/help_text.hpp"

#include <sstream>
#include <utility>

namespace rtspproxy::settings {
namespace {

constexpr std::size_t kWidth = 79;
constexpr std::size_t kIndent = 8;

// `text` in lines that begin with kIndent blanks and end before kWidth.
std::string wrapped(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    std::string line;
    std::string result;
    while (words >> word) {
        if (!line.empty() && kIndent + line.size() + 1 + word.size() > kWidth)
            result += std::string(kIndent, ' ') + std::exchange(line, {}) + '\n';
        line += (line.empty() ? "" : " ") + word;
    }
    return result + std::string(kIndent, ' ') + line + '\n';
}

} // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode /*mode*/) const {
    auto text = make_description(app) + make_usage(app, std::move(name));
    for (const auto& group : app->get_groups()) {
        text += '\n' + group + ":\n";
        for (const auto* option :
             app->get_options([&](const CLI::Option* each) { return each->get_group() == group; }))
            text += make_option(option, option->get_positional());
    }
    return text + '\n' + make_footer(app);
}

std::string HelpFormatter::make_usage(const CLI::App* /*app*/, std::string /*name*/) const {
    return "Usage: " + usage_ + '\n';
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
    std::string names = is_positional ? "" : option->get_name(false, true);
    if (const auto comma = names.find(','); comma != std::string::npos)
        names.insert(comma + 1, " ");
    if (const auto& values = option->get_option_text(); !values.empty())
        names += (names.empty() ? "" : " ") + values;
    return "  " + names + '\n' + wrapped(option->get_description());
}

} // namespace rtspproxy::settings
