#include "app/delivery/stream_pads.hpp"

#include "plugins/support/boxed.hpp"
#include "plugins/support/deleter.hpp"

#include <cstdio>
#include <utility>

namespace rtspproxy::delivery {

void for_each_stream_pad(GstElement* rtpbin, OnStreamPad function) {
    const auto on_pad_added = [](GstElement*, GstPad* pad, gpointer boxed) noexcept {
        const GCharPtr name(gst_pad_get_name(pad));
        unsigned stream = 0;
        if (std::sscanf(name.get(), "send_rtp_src_%u", &stream) == 1)
            unbox<OnStreamPad>(boxed)(pad, StreamPad::Rtp, stream);
        else if (std::sscanf(name.get(), "send_rtcp_src_%u", &stream) == 1)
            unbox<OnStreamPad>(boxed)(pad, StreamPad::Rtcp, stream);
        else if (std::sscanf(name.get(), "recv_rtcp_sink_%u", &stream) == 1)
            unbox<OnStreamPad>(boxed)(pad, StreamPad::Reports, stream);
    };
    g_signal_connect_data(rtpbin, "pad-added", G_CALLBACK(+on_pad_added), box(std::move(function)),
                          free_box_of_closure<OnStreamPad>, GConnectFlags{});
}

} // namespace rtspproxy::delivery
