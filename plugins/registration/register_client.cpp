#include "plugins/registration/register_client.hpp"

#include "plugins/auth/authenticator.hpp"
#include "plugins/registration/message.hpp"
#include "plugins/registration/response.hpp"
#include "plugins/registration/url.hpp"
#include "plugins/support/deleter.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace rtspproxy::registration {

namespace {

using Clock = std::chrono::steady_clock;
template <class T>
using ObjectPtr = std::unique_ptr<T, Deleter<g_object_unref>>;

constexpr guint16 kDefaultPort = 554; // RFC 2326 §3.2
constexpr std::size_t kMaxHeaderBytes = 8192;
constexpr unsigned long kMaxBodyBytes = 65536;

tl::unexpected<Error> take_error(GError* error) {
    const GErrorPtr owned(error);
    return failure(owned ? owned->message : "unknown error");
}

// A connection to the proxy, all of whose operations end by one deadline.
class Channel {
  public:
    Channel(Ref<GSocket> socket, Clock::time_point deadline)
        : socket_(std::move(socket)), deadline_(deadline) {
        g_socket_set_blocking(socket_.get(), FALSE);
    }

    Result<void> write(std::string_view text);
    // Reads one response and its body, and nothing beyond.
    Result<Response> read_response();
    Ref<GSocket> take_socket() { return std::move(socket_); }

  private:
    Result<void> wait_for(GIOCondition condition);
    // Byte by byte: responses are short, and what follows them is not ours.
    Result<char> read_byte();

    Ref<GSocket> socket_;
    Clock::time_point deadline_;
};

Result<void> Channel::wait_for(GIOCondition condition) {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - Clock::now()).count();
    GError* error = nullptr;
    if (left <= 0 ||
        !g_socket_condition_timed_wait(socket_.get(), condition, left, nullptr, &error)) {
        g_clear_error(&error);
        return failure("no answer in time");
    }
    return {};
}

Result<void> Channel::write(std::string_view text) {
    while (!text.empty()) {
        GError* error = nullptr;
        const gssize sent = g_socket_send(socket_.get(), text.data(), text.size(), nullptr, &error);
        if (sent > 0) {
            text.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return take_error(error);
        g_clear_error(&error);
        if (auto ready = wait_for(G_IO_OUT); !ready)
            return ready;
    }
    return {};
}

Result<char> Channel::read_byte() {
    while (true) {
        char byte = 0;
        GError* error = nullptr;
        const gssize got = g_socket_receive(socket_.get(), &byte, 1, nullptr, &error);
        if (got == 1)
            return byte;
        if (got == 0)
            return failure("it closed the connection without an answer");
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return take_error(error);
        g_clear_error(&error);
        if (auto ready = wait_for(G_IO_IN); !ready)
            return tl::unexpected(ready.error());
    }
}

Result<Response> Channel::read_response() {
    std::string bytes;
    HeaderEnd end;
    while (end.state == HeaderEnd::State::Incomplete) {
        const Result<char> byte = read_byte();
        if (!byte)
            return tl::unexpected(byte.error());
        bytes += *byte;
        if (bytes.size() > kMaxHeaderBytes)
            return failure("its answer does not end");
        if (*byte == '\n')
            end = find_header_end(bytes);
    }
    Result<Response> response = end.state == HeaderEnd::State::Complete
                                    ? parse_response(bytes)
                                    : failure("its answer is not RTSP");
    if (!response)
        return failure("its answer is not RTSP");
    unsigned long body = 0;
    if (const std::string* length = response->headers.find("Content-Length"))
        body = parse_number(*length, kMaxBodyBytes).value_or(0);
    for (; body > 0; --body)
        if (const Result<char> byte = read_byte(); !byte)
            return tl::unexpected(byte.error());
    return response;
}

Result<Channel> connect_to(const std::string& proxy, const AnnounceOptions& options) {
    GError* error = nullptr;
    const auto address =
        ObjectPtr<GSocketConnectable>(g_network_address_parse(proxy.c_str(), kDefaultPort, &error));
    if (!address)
        return take_error(error);
    const auto client = ObjectPtr<GSocketClient>(g_socket_client_new());
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.timeout).count();
    g_socket_client_set_timeout(client.get(),
                                static_cast<guint>(std::max<std::int64_t>(seconds, 1)));
    g_socket_client_set_enable_proxy(client.get(), FALSE); // those are for HTTP
    const auto connection = Ref<GSocketConnection>::adopt(
        g_socket_client_connect(client.get(), address.get(), nullptr, &error));
    if (!connection)
        return take_error(error);
    // The stream closes its socket with it; a duplicate lives on.
    const int descriptor = dup(g_socket_get_fd(g_socket_connection_get_socket(connection.get())));
    auto socket = Ref<GSocket>::adopt(g_socket_new_from_fd(descriptor, &error));
    if (!socket)
        return take_error(error);
    return Channel(std::move(socket), Clock::now() + options.timeout);
}

std::string format_request(const std::string& url, unsigned cseq, const AnnounceOptions& options,
                           const std::string& authorization) {
    std::string text(to_string(options.deregister ? Method::Deregister : Method::Register));
    text += " " + url + " RTSP/1.0\r\nCSeq: " + std::to_string(cseq) + "\r\n";
    if (!authorization.empty())
        text += "Authorization: " + authorization + "\r\n";
    text += "Transport: ";
    if (!options.deregister) {
        text += options.reuse_connection ? "reuse_connection; " : "";
        text += "preferred_delivery_protocol=";
        text += options.tcp ? "interleaved" : "udp";
        text += options.suffix ? "; " : "";
    }
    if (options.suffix)
        text += "proxy_url_suffix=" + *options.suffix;
    return text + "\r\n\r\n";
}

// Takes the challenge of a 401.
Result<void> challenge(std::optional<auth::Authenticator>& login, const Response& response) {
    if (!login)
        return failure("it asks for a user and password");
    std::vector<std::string> values;
    for (const Header& header : response.headers)
        if (equals_ignoring_case(header.name, "WWW-Authenticate"))
            values.push_back(header.value);
    return login->challenge(values).map_error(
        [](const Error& error) { return Error{"it " + error.message}; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> check(const std::string& url, const AnnounceOptions& options) {
    if (options.account && has_control(options.account->user))
        return failure("the user name has a control character");
    return check_rtsp_url(url).and_then(
        [&options] { return options.suffix ? check_suffix(*options.suffix) : Result<void>(); });
}

std::string explain(const Response& response) {
    std::string text = "it refuses: " + std::to_string(response.status) + ' ' + response.reason;
    switch (response.status) {
    case 401:
        return text + " (wrong user or password)";
    case 405:
        return text + " (it does not accept registrations)";
    case 403:
    case 451:
        return text + " (the name may be taken, or unknown)";
    default:
        return text;
    }
}

Result<Announcement> converse(Channel& channel, const std::string& url,
                              const AnnounceOptions& options) {
    constexpr unsigned kTries = 3; // unauthorised, authorised, and once more if the nonce was stale
    const auto method = to_string(options.deregister ? Method::Deregister : Method::Register);
    std::optional<auth::Authenticator> login;
    if (options.account) // a proxy that asks for Basic would get the password in clear
        login.emplace(*options.account, auth::Authenticator::Policy{.basic = false});
    for (unsigned cseq = 1;; ++cseq) {
        const std::string authorization =
            login ? login->authorize(method, url).value_or("") : std::string();
        if (auto written = channel.write(format_request(url, cseq, options, authorization));
            !written)
            return tl::unexpected(written.error());
        const Result<Response> response = channel.read_response();
        if (!response)
            return tl::unexpected(response.error());
        if (response->status == 200)
            return Announcement{options.reuse_connection ? channel.take_socket() : nullptr};
        if (response->status != 401 || cseq == kTries)
            return failure(explain(*response));
        if (auto challenged = challenge(login, *response); !challenged)
            return tl::unexpected(challenged.error());
        // Nobody is asked twice with the same wrong password.
        if (!authorization.empty() && !login->stale())
            return failure(explain(*response));
    }
}

} // namespace

Result<Announcement> announce(const std::string& proxy, const std::string& url,
                              const AnnounceOptions& options) {
    if (auto checked = check(url, options); !checked)
        return tl::unexpected(checked.error());
    Result<Channel> channel = connect_to(proxy, options);
    if (!channel)
        return failure("cannot reach the proxy at " + proxy + ": " + channel.error().message);
    Result<Announcement> announced = converse(*channel, url, options);
    if (!announced)
        return failure("the proxy at " + proxy + ": " + announced.error().message);
    return announced;
}

} // namespace rtspproxy::registration
