#include "app/delivery/report_probe.hpp"

#include "plugins/support/ref.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/net/gstnetaddressmeta.h>
#include <gtest/gtest.h>

namespace rtspproxy::delivery::tests {
namespace {

GstFlowReturn fail_chain(GstPad*, GstObject*, GstBuffer* buffer) {
    const auto unwanted = Ref<GstBuffer>::adopt(buffer);
    ADD_FAILURE() << "a report has passed";
    return GST_FLOW_OK;
}
// A pad as rtpbin's, and what is pushed into it.
class ReportProbe : public testing::Test {
  protected:
    ReportProbe() {
        gst_pad_set_chain_function(sink_.get(), fail_chain);
        gst_pad_set_active(source_.get(), TRUE);
        gst_pad_set_active(sink_.get(), TRUE);
        gst_pad_link(source_.get(), sink_.get());
        divert_reports(sink_.get(), desk_);
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        push_sticky(gst_event_new_stream_start("s"));
        push_sticky(gst_event_new_segment(&segment));
    }

    void push_sticky(GstEvent* event) { EXPECT_TRUE(gst_pad_push_event(source_.get(), event)); }
    void push(const char* host, int port) {
        const auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_memdup("\x80\xc9\0\1\0\0\0\7", 8));
        const auto address = Ref<GSocketAddress>::adopt(
            g_inet_socket_address_new_from_string(host, static_cast<guint>(port)));
        gst_buffer_add_net_address_meta(buffer.get(), address.get());
        push(buffer);
    }
    void push(const Ref<GstBuffer>& buffer) {
        EXPECT_EQ(gst_pad_push(source_.get(), Ref<GstBuffer>(buffer).release()), GST_FLOW_OK);
    }

    const Ref<GstPad> source_ = Ref<GstPad>::sink(gst_pad_new("src", GST_PAD_SRC));
    const Ref<GstPad> sink_ = Ref<GstPad>::sink(gst_pad_new("sink", GST_PAD_SINK));
    const std::shared_ptr<ReportDesk> desk_ = std::make_shared<ReportDesk>();
};

TEST_F(ReportProbe, LetsNoPacketPass) {
    for (int i = 0; i < 3; ++i)
        push("192.0.2.1", 5001);
    EXPECT_EQ(desk_->counters().foreign, 3U);
    push(Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 8, nullptr))); // of nobody
    EXPECT_EQ(desk_->counters().foreign, 4U);
}

TEST_F(ReportProbe, TellsClientsByTheirAddress) {
    const auto reporter = std::make_shared<Reporter>(1, [] {});
    const ReportDesk::Place place(desk_, {*fanout::SocketAddress::resolve("192.0.2.1", 5001)},
                                  reporter);
    push("192.0.2.1", 5001);
    push("::ffff:192.0.2.1", 5001); // of a socket for both families
    EXPECT_EQ(desk_->counters().taken, 2U);
    push("192.0.2.1", 5003);
    EXPECT_EQ(desk_->counters().foreign, 1U);
}

TEST(ReportQueue, IsBounded) {
    // By its type: no plugin is loaded here.
    const auto appsrc = Ref<GstElement>::sink(GST_ELEMENT(g_object_new(GST_TYPE_APP_SRC, nullptr)));
    prepare_report_queue(appsrc.get());
    gst_element_set_state(appsrc.get(), GST_STATE_PAUSED);
    for (int i = 0; i < 100; ++i) {
        const auto buffer =
            Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, 60'000, nullptr));
        GstFlowReturn flow = GST_FLOW_OK;
        g_signal_emit_by_name(appsrc.get(), "push-buffer", buffer.get(), &flow);
    }
    guint64 level = 0;
    g_object_get(appsrc.get(), "current-level-bytes", &level, nullptr);
    EXPECT_LE(level, 320'000U);
    gst_element_set_state(appsrc.get(), GST_STATE_NULL);
}

} // namespace
} // namespace rtspproxy::delivery::tests
