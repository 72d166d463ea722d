// A file of pipelines/: comment lines, which begin with '#', and one pipeline description.
#pragma once

#include "plugins/support/ref.hpp"
#include "plugins/support/result.hpp"

#include <gst/gst.h>

#include <string>
#include <vector>

namespace rtspproxy::tests {

// "udp", "tcp", …: every *.launch file, sorted.
[[nodiscard]] std::vector<std::string> launch_file_names();

struct LaunchFile {
    std::vector<std::string> comments; // without '#'
    std::string description;           // in one line
};
[[nodiscard]] LaunchFile read_launch_file(const std::string& name);

// A pipeline in state NULL. An error: syntax, or an element or property that does not exist.
[[nodiscard]] Result<Ref<GstElement>> parse_pipeline(const std::string& description);

// The first element of that factory; empty: there is none.
[[nodiscard]] Ref<GstElement> find_by_factory(GstElement* pipeline, const std::string& factory);

// For GoogleTest's names of parametrised tests: letters, digits and '_' only.
[[nodiscard]] std::string test_name(std::string text);

} // namespace rtspproxy::tests
