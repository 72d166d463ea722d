#include "app/backend/session_form.hpp"

#include "app/backend/decryption.hpp"

#include <string_view>
#include <utility>

namespace rtspproxy::backend {
namespace {

using settings::Transport;

void set_url(GstRTSPMessage& request, const std::string& url) {
    char*& line = request.type_data.request.uri;
    if (url == (line != nullptr ? line : ""))
        return;
    g_free(line);
    line = g_strdup(url.c_str());
}

bool is_of_the_session(GstRTSPMethod method) {
    return method == GST_RTSP_PLAY || method == GST_RTSP_PAUSE || method == GST_RTSP_TEARDOWN ||
           method == GST_RTSP_GET_PARAMETER || method == GST_RTSP_SET_PARAMETER ||
           method == GST_RTSP_OPTIONS;
}

} // namespace

SessionForm::SessionForm(GstElement* source)
    : before_send_(
          source, "before-send",
          G_CALLBACK(+[](GstElement*, GstRTSPMessage* message, gpointer self) noexcept -> gboolean {
              auto* const form = static_cast<SessionForm*>(self);
              RtspListener::set_for_this_thread(form);
              form->address(*message);
              return TRUE;
          }),
          this) {}

void SessionForm::begin(Transport transport, bool multicast) {
    encrypted_.store(false);
    state_.with([&](State& state) {
        state.rules = {multicast && transport == Transport::Udp, can_decrypt()};
        state.origin = {};
        state.addresses = {};
        state.setting_up = false;
    });
}

sdp::NormalForm SessionForm::take(GstSDPMessage& sdp) {
    const auto [origin, rules] =
        state_.with([](State& state) { return std::pair(state.origin, state.rules); });
    sdp::NormalForm form = sdp::normalise(sdp, origin, rules);
    encrypted_.store(form.encrypted);
    state_.lock()->addresses = form.addresses;
    return form;
}

void SessionForm::address(GstRTSPMessage& request) {
    if (request.type != GST_RTSP_MESSAGE_REQUEST || request.type_data.request.uri == nullptr)
        return;
    const GstRTSPMethod method = request.type_data.request.method;
    const std::string_view key = request.type_data.request.uri;
    const std::string url = state_.with([&](State& state) {
        state.setting_up = method == GST_RTSP_SETUP;
        if (method == GST_RTSP_SETUP)
            return state.addresses.setup_url(key, state.choice.current());
        return is_of_the_session(method) ? state.addresses.url(key) : std::string(key);
    });
    set_url(request, url);
}

void SessionForm::on_answer(const GstRTSPMessage& request, const GstRTSPMessage& answer) {
    if (request.type != GST_RTSP_MESSAGE_REQUEST || answer.type != GST_RTSP_MESSAGE_RESPONSE)
        return;
    const auto& line = request.type_data.request;
    const auto status = answer.type_data.response.code;
    if (line.method == GST_RTSP_DESCRIBE && status == GST_RTSP_STS_OK) {
        char* base = nullptr;
        gst_rtsp_message_get_header(&answer, GST_RTSP_HDR_CONTENT_BASE, &base, 0);
        state_.lock()->origin = {line.uri != nullptr ? line.uri : "", base != nullptr ? base : ""};
    } else if (line.method == GST_RTSP_SETUP) {
        state_.with([&](State& state) {
            // Neither of them has anything to do with the URL.
            state.setting_up = status != GST_RTSP_STS_OK && status != GST_RTSP_STS_UNAUTHORIZED &&
                               status != GST_RTSP_STS_UNSUPPORTED_TRANSPORT;
            if (status == GST_RTSP_STS_OK)
                state.choice.accepted();
        });
    }
}

bool SessionForm::try_other_url() {
    return state_.with([](State& state) {
        return std::exchange(state.setting_up, false) &&
               state.choice.refused(state.addresses.forms());
    });
}

} // namespace rtspproxy::backend
