// udpfanoutsink as a part of the loadable plugin: it has to find the type that it is derived from.
#include "plugins/register.hpp"
#include "tests/element/fanout/sink_fixture.hpp"
#include "tests/support/process.hpp"

#include <filesystem>

namespace rtspproxy::tests {
namespace {

class InspectTest : public WatchedTest {
  protected:
    void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
        GTEST_SKIP() << "GStreamer's own programs cannot load a plugin with sanitizers";
#endif
    }
    static Finished run_with_plugin(const char* fork, const std::vector<std::string>& command) {
        const std::string registry =
            std::string(RTSPPROXY_SCRATCH "/registry-") + fork + std::to_string(getpid()) + ".bin";
        std::vector<std::string> all{"env", std::string("GST_REGISTRY=") + registry,
                                     "GST_PLUGIN_PATH=" RTSPPROXY_PLUGIN_FOLDER,
                                     std::string("GST_REGISTRY_FORK=") + fork};
        all.insert(all.end(), command.begin(), command.end());
        auto finished = run(all, 60s);
        finished = run(all, 60s); // from the registry
        std::filesystem::remove(registry);
        return finished;
    }
};

TEST_F(InspectTest, ThePluginHasItHoweverItIsScanned) {
    for (const char* fork : {"yes", "no"}) {
        const auto finished = run_with_plugin(fork, {"gst-inspect-1.0", "udpfanoutsink"});
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        for (const char* text : {"GstMultiUDPSink", "burst-rate", "burst-max-bytes", "hold-client",
                                 "burst-client", "segmentation offload", "gso-messages"})
            EXPECT_NE(finished.out.find(text), std::string::npos) << text;
    }
}

TEST_F(InspectTest, ItRunsInALaunchLine) {
    const auto finished = run_with_plugin("yes", {"gst-launch-1.0", "-q", "fakesrc",
                                                  "num-buffers=20", "sizetype=fixed", "!",
                                                  "udpfanoutsink", "clients=127.0.0.1:9,[::1]:9"});
    EXPECT_EQ(finished.exit_code, 0) << finished.out << finished.err;
}

TEST_F(InspectTest, EveryOwnPropertyIsExplained) {
    ASSERT_TRUE(register_elements(nullptr));
    const auto element = Ref<GstElement>::sink(gst_element_factory_make("udpfanoutsink", nullptr));
    for (const char* name : {"gso", "burst-rate", "burst-max-bytes", "stats"}) {
        GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), name);
        ASSERT_NE(spec, nullptr) << name;
        EXPECT_GT(std::string(g_param_spec_get_blurb(spec)).size(), 40U) << name;
    }
}

} // namespace
} // namespace rtspproxy::tests
