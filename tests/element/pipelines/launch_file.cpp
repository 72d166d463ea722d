#include "tests/element/pipelines/launch_file.hpp"

#include "plugins/support/deleter.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

namespace rtspproxy::tests {

std::vector<std::string> launch_file_names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(RTSPPROXY_PIPELINES))
        if (entry.path().extension() == ".launch")
            names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}

LaunchFile read_launch_file(const std::string& name) {
    std::ifstream file(std::filesystem::path(RTSPPROXY_PIPELINES) / (name + ".launch"));
    LaunchFile result;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#'))
            result.comments.push_back(line.substr(1));
        else
            result.description += (result.description.empty() ? "" : " ") + line;
    }
    return result;
}

Result<Ref<GstElement>> parse_pipeline(const std::string& description) {
    GError* raw_error = nullptr;
    GstElement* raw = gst_parse_launch_full(description.c_str(), nullptr,
                                            GST_PARSE_FLAG_FATAL_ERRORS, &raw_error);
    const GErrorPtr error(raw_error);
    auto pipeline = Ref<GstElement>::sink(raw);
    if (error)
        return failure(error->message);
    return pipeline;
}

Ref<GstElement> find_by_factory(GstElement* pipeline, const std::string& factory) {
    // A description of one element makes no pipeline round it.
    if (const auto* own = gst_element_get_factory(pipeline);
        own != nullptr && factory == GST_OBJECT_NAME(own))
        return Ref<GstElement>::share(pipeline);
    Ref<GstElement> found;
    GstIterator* elements =
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(pipeline), factory.c_str());
    GValue value = G_VALUE_INIT;
    if (gst_iterator_next(elements, &value) == GST_ITERATOR_OK) {
        found = Ref<GstElement>::share(GST_ELEMENT(g_value_get_object(&value)));
        g_value_unset(&value);
    }
    gst_iterator_free(elements);
    return found;
}

std::string test_name(std::string text) {
    std::ranges::replace_if(
        text, [](unsigned char character) { return std::isalnum(character) == 0; }, '_');
    return text;
}

} // namespace rtspproxy::tests
