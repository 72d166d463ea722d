// Dialogue: the requests and answers of one rtspsrc, with the rules that hold for them: logins,
// redirects, keep-alive, the form of answers. On most connections a Conversation (tap/) carries
// them out. On one that bears an HTTP tunnel it is done here, as far as rtspsrc lets it: by its
// signal before-send and the ResponseHook.
#pragma once

#include "app/backend/exchange/exchange.hpp"
#include "app/backend/exchange/keep_alive.hpp"
#include "app/backend/exchange/memory.hpp"
#include "app/backend/exchange/redirect.hpp"
#include "app/backend/exchange/refusals.hpp"
#include "app/backend/response_hook.hpp"
#include "app/backend/tap/conversation.hpp"
#include "app/backend/tap/ledger.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/signal.hpp"

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace rtspproxy::backend {

class Dialogue : private ResponseHook::Listener {
  public:
    struct Handlers {                       // called in rtspsrc's threads
        std::function<void()> on_connected; // the first request is about to be sent
        // Under a lock: it must not come back here.
        exchange::Redirect::Handler on_redirect;
        // Something that an operator should know once.
        std::function<void(std::string)> on_notice;
    };
    // `element` is the rtspsrc; it is stopped before this goes. `mount` names it in the log.
    Dialogue(Ref<GstElement> element, std::string mount, std::shared_ptr<Ledger> ledger,
             std::shared_ptr<exchange::Memory> memory, Handlers handlers);
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    // What the next connection logs in with, and whether its media go over it. While the element is
    // stopped.
    void prepare(const std::optional<settings::Credentials>& login, bool interleaved);

    // What was refused since prepare(). Any thread.
    [[nodiscard]] exchange::Refusals refusals() { return *refusals_->lock(); }

    // How often keep_alive() is to be called; nothing: not now, or rtspsrc does it by itself. Any
    // thread.
    [[nodiscard]] std::optional<std::chrono::milliseconds> keep_alive_interval();
    // Tells the back end that somebody is still there. On the strand.
    void keep_alive();

  private:
    // A keep-alive on its way from the strand to rtspsrc's thread.
    struct Handover {
        std::mutex mutex;
        std::condition_variable taken;
        bool pending = false;

        void finish();
    };

    [[nodiscard]] exchange::Rules make_rules();
    [[nodiscard]] std::shared_ptr<Conversation> make_conversation(Ref<GOutputStream> stream);
    // rtspsrc's thread.
    void before_send(GstRTSPMessage& request);
    void ask_rules(GstRTSPMessage& request);
    void tell_refused_tracks();
    void on_response(GstRTSPMessage& request, GstRTSPMessage& response) override;
    void keep_alive_by_rtspsrc();

    const Ref<GstElement> element_;
    const std::string mount_;
    const std::shared_ptr<Ledger> ledger_;
    const std::shared_ptr<exchange::Memory> memory_;
    const Handlers handlers_;
    const std::shared_ptr<exchange::KeepAlive::Plan> plan_ =
        std::make_shared<exchange::KeepAlive::Plan>();
    const exchange::SharedRefusals refusals_ = std::make_shared<Guarded<exchange::Refusals>>();
    std::atomic<bool> interleaved_{false};
    std::atomic<bool> by_rtspsrc_{false};               // the connection has no conversation
    Guarded<std::weak_ptr<Conversation>> conversation_; // of the newest connection
    // rtspsrc's thread, or while it is stopped
    bool connected_ = false;
    std::optional<settings::Credentials> login_;
    exchange::Rules rules_;       // of a connection without a conversation
    exchange::Request request_{}; // that waits for its response there
    bool again_ = false;          // it is to be sent again
    const std::shared_ptr<Handover> handover_ = std::make_shared<Handover>();
    SignalConnection before_send_;
};

} // namespace rtspproxy::backend
