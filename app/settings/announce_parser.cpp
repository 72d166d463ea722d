#include "app/settings/announce_parser.hpp"

#include "app/settings/argument_parser.hpp"
#include "app/settings/backend_url.hpp"
#include "app/settings/login.hpp"
#include "app/settings/option_group.hpp"
#include "app/settings/option_values.hpp"
#include "app/settings/secrets.hpp"
#include "plugins/registration/request.hpp"
#include "plugins/registration/url.hpp"

namespace rtspproxy::settings {
namespace {

constexpr std::string_view kRegister = "register";
constexpr std::string_view kDeregister = "deregister";
constexpr auto kUser = "-u,--user";
constexpr auto kSuffix = "--suffix";
constexpr auto kTimeout = "--timeout";
constexpr auto kProxy = "PROXY_HOST[:PORT]";
constexpr std::string_view kRtsp = "rtsp://";

constexpr ProgramText kRegisterText{
    .name = "gst-rtsp-proxy register",
    .description = "Asks a proxy that accepts REGISTER to serve a stream: gst-rtsp-proxy "
                   "--register,\nlive555ProxyServer -R.\n",
    .usage = "gst-rtsp-proxy register [OPTION...] PROXY_HOST[:PORT] URL",
    .footer = "Example:\n"
              "  gst-rtsp-proxy register --suffix door centre.example:8554 rtsp://10.0.0.5/live\n"
              "        Has the proxy pull the camera and serve it at\n"
              "        rtsp://centre.example:8554/door.\n"
              "\n"
              "Exit status: 0 registered, 1 not reached or refused, 2 wrong usage."};

constexpr ProgramText kDeregisterText{
    .name = "gst-rtsp-proxy deregister",
    .description = "Asks a proxy to serve a stream, which was registered with it, no longer.\n",
    .usage = "gst-rtsp-proxy deregister [OPTION...] PROXY_HOST[:PORT] URL\n"
             "       gst-rtsp-proxy deregister [OPTION...] --suffix NAME PROXY_HOST[:PORT]",
    .footer = "Exit status: 0 deregistered, 1 not reached or refused, 2 wrong usage."};

class AnnounceOptions {
  public:
    explicit AnnounceOptions(bool deregister) { command_.deregister = deregister; }
    // Declares the options; `app` writes into this object when it parses.
    void add_to(CLI::App& app);
    Result<AnnounceCommand> read();

  private:
    [[nodiscard]] std::string describe_missing(std::string_view what) const;
    Result<void> read_proxy();
    Result<void> read_stream();
    Result<void> read_login();

    AnnounceCommand command_;
    std::optional<std::string> proxy_, url_, suffix_, timeout_, password_file_;
    std::optional<std::pair<std::string, std::string>> user_;
};

void AnnounceOptions::add_to(CLI::App& app) {
    const bool deregister = command_.deregister;
    app.option_defaults()->group("Arguments and options");
    add_value(app, "PROXY", proxy_, kProxy,
              "The proxy: a host name, an IPv4 address or an IPv6 address in brackets; port 1 to "
              "65535. Default port: 554.");
    add_value(app, "URL", url_, deregister ? "[URL]" : "URL",
              std::string("The stream's URL (rtsp, rtsps, rtspt, rtspu, rtsph), as the proxy ") +
                  (deregister ? "got it. Not needed with --suffix."
                              : "is to reach it; user:password@ in it is sent to the proxy "
                                "unencrypted."));
    if (!deregister)
        add_switch(app, "-t,--tcp", command_.tcp,
                   "Ask the proxy to take the media over the RTSP connection (TCP).");
    add_value(app, kSuffix, suffix_, "NAME",
              deregister
                  ? "The name that the stream is served at. live555ProxyServer knows streams "
                    "by it only, and ignores the URL."
                  : "The name to serve the stream at: 1 to 64 letters, digits, '-', '_', "
                    "'.' and '~'. Default: the proxy chooses.");
    auto* user = add_pair(app, kUser, user_, "USER PASSWORD",
                          "Log in to the proxy with these if it asks (Digest); \"\" is an empty "
                          "password.");
    add_value(app, "--password-file", password_file_, "FILE",
              "Like --user, from the first line of FILE, which is USER:PASSWORD; keeps them out of "
              "the list of processes.")
        ->excludes(user);
    add_value(app, kTimeout, timeout_, "S",
              "Longest time to connect, and then to get an answer, " +
                  describe_seconds(kAnnounceTimeout, command_.timeout));
    app.set_help_flag("-h,--help", "Print this and exit.");
}

Result<AnnounceCommand> AnnounceOptions::read() {
    return read_proxy()
        .and_then([&] { return read_stream(); })
        .and_then([&] { return read_login(); })
        .and_then(
            [&] { return read_seconds(kTimeout, timeout_, kAnnounceTimeout, command_.timeout); })
        .map([&] { return command_; });
}

// Quotes nothing: without the password of --user the arguments have moved on by one.
std::string AnnounceOptions::describe_missing(std::string_view what) const {
    auto message = std::string(what) + " is missing; --help says what is needed";
    if (user_)
        message += "; --user takes two values, USER and PASSWORD";
    return message;
}

// Host and port are checked as those of a URL are.
Result<void> AnnounceOptions::read_proxy() {
    if (!proxy_)
        return failure(describe_missing(kProxy));
    if (!url_ && !(command_.deregister && suffix_))
        return failure(describe_missing(command_.deregister ? "URL or --suffix" : "URL"));
    const auto prefix = std::string(kProxy) + ' ' + masked_quote(*proxy_) + ": ";
    if (proxy_->find_first_of("@/?#") != std::string::npos)
        return failure(prefix + "must be a host and a port, not a URL");
    const auto address = parse_backend_url(std::string(kRtsp) + *proxy_);
    if (!address)
        return failure(prefix + address.error().message);
    command_.proxy = address->url.substr(kRtsp.size());
    return {};
}

Result<void> AnnounceOptions::read_stream() {
    if (suffix_) {
        if (!registration::check_suffix(*suffix_))
            return failure(std::string(kSuffix) + ' ' + masked_quote(*suffix_) +
                           ": must be 1 to 64 letters, digits, '-', '_', '.' and '~', and neither "
                           "\".\" nor \"..\"");
        command_.suffix = suffix_;
    }
    if (!url_) { // a request has one; the name alone counts
        command_.url = std::string(kRtsp) + command_.proxy + '/' + *suffix_;
        return {};
    }
    if (const auto checked = registration::check_rtsp_url(*url_); !checked)
        return failure((url_->find("://") != std::string::npos || !user_
                            ? masked_quote(*url_)
                            : "URL (not shown, it may belong to a password)") +
                       ": " + checked.error().message);
    command_.url = *url_;
    command_.display_url = mask_secrets(*url_);
    return {};
}

Result<void> AnnounceOptions::read_login() {
    if (user_) {
        command_.credentials = Credentials{user_->first, user_->second};
        return check_user_name(kUser, user_->first);
    }
    if (password_file_)
        return read_password_file(*password_file_).map([&](Credentials&& credentials) {
            command_.credentials = std::move(credentials);
        });
    return {};
}

} // namespace

bool is_announce_command(std::string_view argument) {
    return argument == kRegister || argument == kDeregister;
}

Invocation parse_announcement(int argc, const char* const* argv) {
    const bool deregister = argv[1] == kDeregister;
    const auto app = make_app(deregister ? kDeregisterText : kRegisterText);
    AnnounceOptions options(deregister);
    options.add_to(*app);
    if (auto other = parse_arguments(*app, argc - 1, argv + 1))
        return std::move(*other);
    auto command = options.read();
    if (!command)
        return WrongUsage{std::move(command.error().message)};
    return std::move(*command);
}

} // namespace rtspproxy::settings
