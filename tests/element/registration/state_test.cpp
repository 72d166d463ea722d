// States, properties and errors of the element.
#include "plugins/support/deleter.hpp"
#include "tests/element/registration/door_fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class StateTest : public DoorTest {
  protected:
    // The text of the error that was posted, and its code in the resource domain.
    std::pair<std::string, int> posted_error() {
        const auto message = wait_message(GST_MESSAGE_ERROR);
        if (!message)
            return {};
        GError* error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        const GErrorPtr owned(error);
        EXPECT_EQ(error->domain, GST_RESOURCE_ERROR);
        return {error->message, error->code};
    }
};

TEST_F(StateTest, ListensFromReadyToNull) {
    EXPECT_EQ(bound_port(), 0U);
    ASSERT_TRUE(open());
    const auto port = bound_port();
    EXPECT_NE(port, 0U);
    EXPECT_TRUE(connect_tcp("127.0.0.1", port, kPatience));
    EXPECT_EQ(gst_element_set_state(element_.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(gst_element_set_state(element_.get(), GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(bound_port(), port);
    close();
    EXPECT_EQ(bound_port(), 0U);
    EXPECT_FALSE(connect_tcp("127.0.0.1", port, kPatience));
}

TEST_F(StateTest, ComesBackOnTheSamePortAgainAndAgain) {
    ASSERT_TRUE(open());
    const std::string port = std::to_string(bound_port());
    close();
    set("port", port.c_str());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(open());
        EXPECT_EQ(std::to_string(bound_port()), port);
        EXPECT_EQ(ask(register_request("rtsp://camera/x", "")), 200U);
        close();
    }
}

TEST_F(StateTest, ClosesWaitingConnections) {
    ASSERT_TRUE(open());
    Peer silent(bound_port());
    Peer undecided(bound_port());
    undecided.send("REG");
    ASSERT_TRUE(eventually([this] { return counted("pending") == 2; }));
    close();
    EXPECT_TRUE(silent.ends());
    EXPECT_TRUE(undecided.ends());
    EXPECT_EQ(counted("pending"), 0U);
}

TEST_F(StateTest, ATakenPortIsAnErrorThatNamesIt) {
    const auto taken = listen_tcp("127.0.0.1", 0, 1);
    ASSERT_TRUE(taken);
    const std::string port = std::to_string(local_port(*taken));
    set("port", port.c_str());
    EXPECT_FALSE(open());
    const auto [text, code] = posted_error();
    EXPECT_EQ(text, "Cannot listen on 127.0.0.1 port " + port + ": Address already in use");
    EXPECT_EQ(code, GST_RESOURCE_ERROR_BUSY);
    // …and not the end of the element.
    close();
    set("port", "0");
    EXPECT_TRUE(open());
}

TEST_F(StateTest, AnAddressThatIsNoneIsAnError) {
    set("address", "nonsense");
    EXPECT_FALSE(open());
    const auto [text, code] = posted_error();
    EXPECT_EQ(text, "Cannot listen on nonsense port 0: Invalid argument");
    EXPECT_EQ(code, GST_RESOURCE_ERROR_SETTINGS);
}

TEST_F(StateTest, EveryPropertyReadsBackWhatWasSet) {
    guint count = 0;
    const std::unique_ptr<GParamSpec*, Deleter<g_free>> specs(
        g_object_class_list_properties(G_OBJECT_GET_CLASS(element_.get()), &count));
    unsigned checked = 0;
    for (guint i = 0; i < count; ++i) {
        GParamSpec* spec = specs.get()[i];
        if (spec->owner_type != G_OBJECT_TYPE(element_.get()))
            continue;
        EXPECT_GT(std::string(g_param_spec_get_blurb(spec)).size(), 20U) << spec->name;
        if ((spec->flags & G_PARAM_WRITABLE) == 0 || (spec->flags & G_PARAM_READABLE) == 0)
            continue;
        const char* value = spec->value_type == G_TYPE_BOOLEAN ? "false" : "300";
        set(spec->name, value);
        GValue read = G_VALUE_INIT;
        g_value_init(&read, spec->value_type);
        g_object_get_property(G_OBJECT(element_.get()), spec->name, &read);
        const GCharPtr text(spec->value_type == G_TYPE_STRING ? g_value_dup_string(&read)
                                                              : gst_value_serialize(&read));
        EXPECT_STREQ(text.get(), value) << spec->name;
        g_value_unset(&read);
        ++checked;
    }
    EXPECT_EQ(checked, 12U);
}

TEST_F(StateTest, WorksInAPipeline) {
    const auto pipeline = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    gst_element_set_bus(element_.get(), nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), element_.get());
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    EXPECT_EQ(gst_element_get_state(pipeline.get(), nullptr, nullptr, GST_CLOCK_TIME_NONE),
              GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(ask(register_request("rtsp://camera/x", "proxy_url_suffix=a")), 200U);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
    const auto message = Ref<GstMessage>::adopt(
        gst_bus_timed_pop_filtered(bus.get(), 15 * GST_SECOND, GST_MESSAGE_ELEMENT));
    EXPECT_TRUE(message);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline.get()), element_.get());
}

} // namespace
} // namespace rtspproxy::tests
