//! The calls of the RT API, as they are described.

/// What a call is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nothing.
    None,
    /// The client key.
    Client,
    /// The client key and a device's token.
    Token,
    /// A token of the user, or the service's key.
    Either,
}

/// What a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing.
    None,
    /// A JSON object; a `*` before a name makes it mandatory.
    Members(&'static [(&'static str, &'static str)]),
    /// An array of user ids.
    Users,
    /// A form with a file.
    Form,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub method: &'static str,
    pub path: &'static str,
    pub id: &'static str,
    pub summary: &'static str,
    pub keys: Keys,
    pub query: &'static [(&'static str, &'static str)],
    pub body: Body,
    /// What is answered.
    pub answers: &'static str,
    /// Whether bytes are answered.
    pub is_file: bool,
}

const fn call(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    answers: &'static str,
) -> Call {
    Call {
        method,
        path,
        id,
        summary,
        answers,
        keys: Keys::Either,
        query: &[],
        body: Body::None,
        is_file: false,
    }
}

const fn device(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    members: &'static [(&'static str, &'static str)],
) -> Call {
    Call {
        keys: Keys::Token,
        body: Body::Members(members),
        ..call("POST", path, id, summary, "`status`, and what changed")
    }
}

const CLIENT_ID: (&str, &str) = ("*clientId", "`{appId}/{userId}/{deviceId}`");
const PAGE: [(&str, &str); 2] = [("start", "how many are passed over"), ("limit", "1 to 100")];
const THREAD: [(&str, &str); 4] = [
    ("externalid", "your own id of it"),
    ("title", "at most 256 characters"),
    ("category", "at most 256 characters"),
    ("extras", "an object of at most 4096 bytes"),
];

macro_rules! of_app {
    ($rest:literal) => {
        concat!("/rtmsAPI/api/{version}/{appid}/", $rest)
    };
}

macro_rules! apps {
    ($rest:literal) => {
        concat!("/rtmsAPI/api/{version}/apps/{appid}/", $rest)
    };
}

/// Every call.
pub(super) const CALLS: &[Call] = &[
    Call {
        keys: Keys::Client,
        query: &[("secretKey", "in place of the header"), ("os", "browser or system")],
        ..call(
            "GET",
            of_app!("verifyPolicy"),
            "rtVerifyPolicy",
            "What the app may do",
            "`policy`, `broker`, `appType`",
        )
    },
    Call {
        keys: Keys::Client,
        body: Body::Members(&[
            ("*deviceId", "at most 128 bytes"),
            ("userId", "none: a guest, whose id is made"),
            ("data", "`update`: os, osversion, language, useragent"),
        ]),
        ..call(
            "POST",
            of_app!("register"),
            "rtRegister",
            "Register a device",
            "`clientId`, `userId`, `accessToken`, `refreshToken`, `broker`, `policy`",
        )
    },
    Call {
        keys: Keys::Client,
        body: Body::Members(&[CLIENT_ID, ("*refreshToken", "the newest the device was given")]),
        ..call(
            "POST",
            of_app!("refreshToken"),
            "rtRefreshToken",
            "Exchange the refresh token for a new pair",
            "`accessToken`, `refreshToken`",
        )
    },
    Call {
        keys: Keys::None,
        query: &[
            ("tid", "the push's transaction id; mandatory"),
            ("appId", "the app of the path; mandatory"),
        ],
        ..call(
            "GET",
            of_app!("trackDeliveryRequest"),
            "rtTrackDelivery",
            "A service worker showed a push",
            "`applied`: false when the id is that of several browsers",
        )
    },
    device(of_app!("setUserId"), "rtSetUserId", "Make the device a user's", &[CLIENT_ID, ("*userId", "")]),
    device(of_app!("removeUserId"), "rtRemoveUserId", "Make the device a guest's", &[CLIENT_ID]),
    device(
        of_app!("setCustomerId"),
        "rtSetCustomerId",
        "Make the device a customer's",
        &[CLIENT_ID, ("*customerId", "")],
    ),
    device(of_app!("removeCustomerId"), "rtRemoveCustomerId", "Make the device nobody's", &[CLIENT_ID]),
    device(
        of_app!("profileupdate"),
        "rtProfileUpdate",
        "Tell attributes and the push token",
        &[CLIENT_ID, ("*data", "`update`: pushId, os, osversion, language, useragent")],
    ),
    device(of_app!("unregister"), "rtUnregister", "Remove the device", &[CLIENT_ID]),
    device(
        of_app!("mo"),
        "rtMo",
        "What a user says, types or presses",
        &[
            CLIENT_ID,
            ("message", "its text"),
            ("thread", "`id`, `title`, `type`"),
            ("media", "an array"),
            ("extras", "an object"),
            ("relatedTid", "what it answers"),
            ("interactiveData", "what was pressed"),
            ("type", "typingStart or typingStop"),
        ],
    ),
    device(
        of_app!("deliveryupdate"),
        "rtDeliveryUpdate",
        "What became of messages",
        &[
            CLIENT_ID,
            ("*status", "2 delivered, 3 read, 4 clicked"),
            ("tid", "the message"),
            ("tids", "several messages"),
        ],
    ),
    device(of_app!("message"), "rtDeleteMessage", "Delete a message", &[CLIENT_ID, ("*tid", "the message")]),
    Call {
        body: Body::Members(&[("*url", "a link of ours")]),
        ..call(
            "POST",
            of_app!("user/{userid}/generatemedia"),
            "rtGenerateMedia",
            "A fresh link to a file",
            "`url`, `mediaId`",
        )
    },
    Call {
        body: Body::Form,
        query: &[
            ("previewRequired", "taken; no preview is made"),
            ("fileUrlRequired", "taken; always answered"),
        ],
        ..call(
            "POST",
            "/rtmsAPI/api/{version}/media/{appid}/upload",
            "rtUploadMedia",
            "Upload a file",
            "`mediaId`, `file`, `contentType`",
        )
    },
    Call {
        keys: Keys::None,
        query: &[("expires", "of the link"), ("signature", "of the link")],
        is_file: true,
        ..call("GET", "/rtmsAPI/media/{mediaid}", "rtMedia", "The file behind a signed link", "")
    },
    Call {
        query: &PAGE,
        ..call("GET", apps!("threads"), "rtThreads", "The threads of an app", "`total`, `count`, `threads`")
    },
    Call {
        body: Body::Members(&[
            ("*type", "Conversation or Announcement"),
            THREAD[0],
            THREAD[1],
            THREAD[2],
            THREAD[3],
        ]),
        ..call("POST", apps!("threads"), "rtCreateThread", "Make a thread", "`thread`: id, created_on")
    },
    Call {
        query: &[PAGE[0], PAGE[1], ("fetchunreadcount", "true counts what is unread")],
        ..call(
            "GET",
            apps!("user/{userid}/threads"),
            "rtUserThreads",
            "The threads of a user",
            "`total`, `count`, `threads`",
        )
    },
    Call {
        body: Body::Members(&[
            ("status", "Active or Closed"),
            ("reasonForStatusChange", ""),
            THREAD[0],
            THREAD[1],
            THREAD[2],
            THREAD[3],
        ]),
        ..call(
            "PUT",
            apps!("user/{userid}/threads/{threadid}"),
            "rtUpdateThread",
            "Change a thread for a user",
            "`thread`: id, updated_on",
        )
    },
    Call {
        query: &[("from", "how many are passed over"), PAGE[1]],
        ..call(
            "GET",
            apps!("user/{userid}/threads/{threadid}/messages"),
            "rtThreadMessages",
            "What was said in a thread",
            "`total`, `count`, `messages`",
        )
    },
    Call {
        query: &PAGE,
        ..call(
            "GET",
            apps!("user/{userid}/unreadthreads"),
            "rtUnreadThreads",
            "The threads of a user with something unread",
            "`total`, `count`, `threads`",
        )
    },
    Call {
        query: &PAGE,
        ..call("GET", apps!("topics"), "rtTopics", "The topics of an app", "`total`, `count`, `topics`")
    },
    Call {
        body: Body::Members(&[
            ("*name", "once in the app"),
            ("*description", ""),
            ("ref", "your own id of it"),
            ("topic_group", ""),
        ]),
        ..call("POST", apps!("topics"), "rtCreateTopic", "Make a topic", "`id`, `trans_id`")
    },
    call("DELETE", apps!("topics/{topicid}"), "rtDeleteTopic", "Delete a topic", "`id`, `trans_id`"),
    Call {
        query: &PAGE,
        ..call(
            "GET",
            apps!("topics/{topicid}/users"),
            "rtSubscribers",
            "Who follows a topic",
            "`total`, `count`, `users`",
        )
    },
    Call {
        body: Body::Users,
        ..call(
            "POST",
            apps!("topics/{topicid}/users"),
            "rtSubscribe",
            "Subscribe users",
            "`success_users`, `fail_users`, `trans_id`",
        )
    },
    Call {
        body: Body::Users,
        ..call(
            "DELETE",
            apps!("topics/{topicid}/users"),
            "rtUnsubscribe",
            "Remove users from a topic",
            "`success_users`, `fail_users`, `trans_id`",
        )
    },
    Call {
        query: &[PAGE[0], PAGE[1], ("subscribed", "true, false or both")],
        ..call(
            "GET",
            apps!("user/{userid}/topics"),
            "rtUserTopics",
            "The topics as a user sees them",
            "`total`, `count`, `topics`",
        )
    },
    Call {
        query: &PAGE,
        ..call("GET", apps!("streams"), "rtStreams", "The topics under their older name", "`streams`")
    },
];
