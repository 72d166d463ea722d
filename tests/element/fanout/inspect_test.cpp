// udpfanoutsink as a part of the loadable plugin: it has to find the type that it is derived from.
#include "tests/element/fanout/sink_fixture.hpp"
#include "tests/support/process.hpp"

#include <filesystem>

namespace rtspproxy::tests {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

class InspectTest : public WatchedTest {
  protected:
    // Twice: the plugin is looked at, then known from the registry.
    static std::vector<Finished> run_with_plugin(const char* fork,
                                                 const std::vector<std::string>& command) {
        const std::string registry =
            std::string(RTSPPROXY_SCRATCH "/registry-") + fork + std::to_string(getpid()) + ".bin";
        std::vector<std::string> all{"env", std::string("GST_REGISTRY=") + registry,
                                     "GST_PLUGIN_PATH=" RTSPPROXY_PLUGIN_FOLDER,
                                     std::string("GST_REGISTRY_FORK=") + fork};
        all.insert(all.end(), command.begin(), command.end());
        std::vector<Finished> both;
        for (int i = 0; i < 2; ++i)
            both.push_back(run(all, 60s));
        std::filesystem::remove(registry);
        return both;
    }
    // GStreamer's own programs cannot load a plugin with sanitizers, and may not be installed.
    static bool can_run(const char* program) {
        return !kSanitized && run({program, "--version"}, 60s).exit_code == 0;
    }
};

TEST_F(InspectTest, ThePluginHasItHoweverItIsScanned) {
    if (!can_run("gst-inspect-1.0"))
        GTEST_SKIP() << "gst-inspect-1.0 cannot be run";
    for (const char* fork : {"yes", "no"}) {
        for (const auto& finished : run_with_plugin(fork, {"gst-inspect-1.0", "udpfanoutsink"})) {
            EXPECT_EQ(finished.exit_code, 0) << finished.err;
            for (const char* text :
                 {"GstMultiUDPSink", "burst-rate", "burst-max-bytes", "hold-client",
                  "release-client", "burst-client", "gso-messages"})
                EXPECT_NE(finished.out.find(text), std::string::npos) << text;
        }
    }
}

TEST_F(InspectTest, ItRunsInALaunchLine) {
    if (!can_run("gst-launch-1.0"))
        GTEST_SKIP() << "gst-launch-1.0 cannot be run";
    for (const auto& finished : run_with_plugin(
             "yes", {"gst-launch-1.0", "-q", "fakesrc", "num-buffers=20", "sizetype=fixed", "!",
                     "udpfanoutsink", "clients=127.0.0.1:9,[::1]:9"}))
        EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
}

TEST_F(InspectTest, EveryOwnPropertyIsExplained) {
    const auto element = make_element("udpfanoutsink");
    ASSERT_TRUE(element);
    for (const char* name : {"gso", "burst-rate", "burst-max-bytes", "stats"}) {
        GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), name);
        ASSERT_NE(spec, nullptr) << name;
        EXPECT_GT(std::string(g_param_spec_get_blurb(spec)).size(), 40U) << name;
    }
}

} // namespace
} // namespace rtspproxy::tests
