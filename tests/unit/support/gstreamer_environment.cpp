// Unit tests need GStreamer's types (caps, buffers, clocks), but no plugin: nothing is scanned or
// loaded, and no registry file is touched.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <memory>

namespace rtspproxy::tests {
namespace {

class GStreamerEnvironment : public ::testing::Environment {
    void SetUp() override {
        g_setenv("GST_REGISTRY_DISABLE", "yes", TRUE);
        gst_init(nullptr, nullptr);
        // A critical or a warning of GLib is a defect in the code under test.
        g_log_set_always_fatal(static_cast<GLogLevelFlags>(
            G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING));
    }
};

// gtest takes it over and sets it up before the first test, not when it only lists them.
[[maybe_unused]] const ::testing::Environment* const environment =
    ::testing::AddGlobalTestEnvironment(std::make_unique<GStreamerEnvironment>().release());

} // namespace
} // namespace rtspproxy::tests
