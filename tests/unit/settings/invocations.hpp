// Command lines for tests.
#pragma once

#include "app/settings/command_line.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::settings {

using Words = std::vector<const char*>;

inline std::string joined(const Words& words) {
    std::string text;
    for (const auto* word : words)
        text += std::string(word) + ' ';
    return text;
}

inline Invocation parse_words(const Words& words,
                              const std::map<std::string, std::string>& variables = {}) {
    Words argv = {"gst-rtsp-proxy"};
    argv.insert(argv.end(), words.begin(), words.end());
    return parse(static_cast<int>(argv.size()), argv.data(),
                 [&](const std::string& name) -> std::optional<std::string> {
                     const auto found = variables.find(name);
                     return found == variables.end() ? std::nullopt : std::optional(found->second);
                 });
}

// The settings of a command line that must be accepted.
inline Settings settings_of(const Words& words,
                            const std::map<std::string, std::string>& variables = {}) {
    auto invocation = parse_words(words, variables);
    if (const auto* wrong = std::get_if<WrongUsage>(&invocation))
        ADD_FAILURE() << joined(words) << "→ " << wrong->message;
    else if (auto* settings = std::get_if<Settings>(&invocation))
        return std::move(*settings);
    else
        ADD_FAILURE() << joined(words) << "prints or is a command";
    return {};
}

} // namespace rtspproxy::settings
