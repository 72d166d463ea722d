#include "plugins/auth/parameters.hpp"

#include "plugins/text/ascii.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::auth {
namespace {

using text::equals_ignoring_case;
using text::to_lower;
using text::trim;

constexpr std::string_view kScheme = "Digest";

void skip(std::string_view& text, std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

void skip_blanks(std::string_view& text) {
    skip(text, " \t");
}

// Takes a quoted string off the front of `text`, which begins with its quote.
Result<std::string> take_quoted(std::string_view& text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            skip_blanks(text);
            return value;
        }
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        value += text[i];
    }
    return failure("a quoted string does not end");
}

// Takes a value off the front of `text`: a quoted string or everything up to a comma.
Result<std::string> take_value(std::string_view& text) {
    if (text.starts_with('"'))
        return take_quoted(text);
    const std::size_t end = std::min(text.find(','), text.size());
    std::string value(trim(text.substr(0, end)));
    if (value.find('"') != std::string::npos)
        return failure("a quote stands inside an unquoted value");
    text.remove_prefix(end);
    return value;
}

std::string take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(" \t,=\""), text.size());
    std::string word = to_lower(text.substr(0, end));
    text.remove_prefix(end);
    skip_blanks(text);
    return word;
}

} // namespace

std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

Result<Parameters> parse_digest_parameters(std::string_view value) {
    value = trim(value);
    if (!equals_ignoring_case(value.substr(0, kScheme.size()), kScheme))
        return failure("the authentication scheme is not Digest");
    value.remove_prefix(kScheme.size());
    if (!value.starts_with(' ') && !value.starts_with('\t'))
        return failure("the authentication scheme is not Digest");
    Parameters parameters;
    for (skip_blanks(value); !value.empty(); skip_blanks(value)) {
        const std::size_t equals = value.find('=');
        if (equals == std::string_view::npos)
            return failure("an authentication parameter has no value");
        std::string name = to_lower(trim(value.substr(0, equals)));
        if (name.empty() || name.find_first_of(" \t,\"") != std::string::npos)
            return failure("an authentication parameter has no proper name");
        value.remove_prefix(equals + 1);
        skip_blanks(value);
        Result<std::string> content = take_value(value);
        if (!content)
            return tl::unexpected(content.error());
        if (!parameters.emplace(std::move(name), std::move(*content)).second)
            return failure("an authentication parameter stands twice");
        if (!value.empty() && !value.starts_with(','))
            return failure("authentication parameters are not separated by commas");
        value.remove_prefix(value.empty() ? 0 : 1);
    }
    return parameters;
}

std::vector<Challenge> parse_challenges(std::string_view value) {
    std::vector<Challenge> challenges;
    for (skip(value, " \t,"); !value.empty(); skip(value, " \t,")) {
        std::string word = take_word(value);
        if (word.empty())
            break;
        if (!value.starts_with('=')) {
            if (challenges.size() == kMaxChallenges)
                break;
            challenges.push_back({std::move(word), {}});
            continue;
        }
        value.remove_prefix(1);
        skip_blanks(value);
        Result<std::string> content = take_value(value);
        if (!content || challenges.empty())
            break;
        challenges.back().parameters.emplace(std::move(word), std::move(*content));
    }
    return challenges;
}

} // namespace rtspproxy::auth
