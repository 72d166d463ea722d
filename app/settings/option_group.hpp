// What the groups of options have in common: each declares its options to CLI11, which only
// collects their text, and then turns that text into settings, so that errors are worded in one
// place.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::settings {

// An option with one value. It stays unset if it is not given; given twice is an error.
inline CLI::Option* add_value(CLI::App& app, const std::string& names,
                              std::optional<std::string>& value, const std::string& value_name,
                              const std::string& description) {
    const auto store = [&value](const CLI::results_t& texts) {
        value = texts.at(0);
        return true;
    };
    return app.add_option(names, CLI::callback_t(store), description)->option_text(value_name);
}

// An option with two values, taken as they are, also where they are empty or begin with '-'.
inline CLI::Option* add_pair(CLI::App& app, const std::string& names,
                             std::optional<std::pair<std::string, std::string>>& values,
                             const std::string& value_names, const std::string& description) {
    const auto store = [&values](const CLI::results_t& texts) {
        values.emplace(texts.at(0), texts.at(1));
        return true;
    };
    return app.add_option(names, CLI::callback_t(store), description)
        ->type_size(2)
        ->option_text(value_names);
}

// The same, any number of times: a pair each.
inline CLI::Option* add_pairs(CLI::App& app, const std::string& names,
                              std::vector<std::pair<std::string, std::string>>& values,
                              const std::string& value_names, const std::string& description) {
    const auto store = [&values](const CLI::results_t& texts) {
        for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
            values.emplace_back(texts[i], texts[i + 1]);
        return true;
    };
    return app.add_option(names, CLI::callback_t(store), description)
        ->type_size(2)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->option_text(value_names);
}

inline CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& value,
                               const std::string& description) {
    return app.add_flag(names, value, description)->disable_flag_override();
}

} // namespace rtspproxy::settings
