// What README.md says is there, is there: the options of --help, and the pipelines.
#include "app/settings/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace rtspproxy::tests {
namespace {

std::vector<std::string> lines_of(std::istream&& text) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);)
        lines.push_back(line);
    return lines;
}

std::vector<std::string> readme() {
    return lines_of(std::ifstream(RTSPPROXY_SOURCES "/README.md"));
}

// "-t, --tcp": the lines of --help that are indented by two and begin an option.
std::set<std::string> options_of_help() {
    const std::array arguments{"gst-rtsp-proxy", "--help"};
    const auto invocation = settings::parse(arguments.size(), arguments.data());
    std::set<std::string> options;
    for (const auto& line :
         lines_of(std::istringstream(std::get<settings::TextToPrint>(invocation).text)))
        if (line.starts_with("  -") || line.starts_with("  [NAME="))
            options.insert(line.substr(2));
    return options;
}

// The first cell of each table row that is about an option: "| `-t, --tcp` | … |".
std::set<std::string> options_of_readme() {
    std::set<std::string> options;
    for (const auto& line : readme())
        if (line.starts_with("| `-") || line.starts_with("| `[NAME="))
            options.insert(line.substr(3, line.find("` |") - 3));
    return options;
}

TEST(Readme, HasTheOptionsOfHelp) {
    ASSERT_GE(options_of_help().size(), 15U);
    EXPECT_EQ(options_of_readme(), options_of_help());
}

TEST(Readme, NamesEachPipeline) {
    std::string text;
    for (const auto& line : readme())
        text += line + "\n";
    unsigned count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(RTSPPROXY_SOURCES "/pipelines"))
        if (entry.path().extension() == ".launch") {
            ++count;
            EXPECT_THAT(text, testing::HasSubstr("`" + entry.path().stem().string() + "`"));
        }
    EXPECT_GE(count, 6U);
}

} // namespace
} // namespace rtspproxy::tests
