//! The closed sets of words that a document may use, each an enum with its spelling.

use serde::{Deserialize, Serialize};

/// Declares an enum together with its words, so that the spelling exists once: serde, `as_str`,
/// the JSON Schema and the structural check all read it from here.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word $(, alias = $alias)*)] $variant),+
        }

        impl $name {
            /// Every accepted spelling, aliases included, in the order of declaration.
            pub const WORDS: &'static [&'static str] = &[$($word $(, $alias)*),+];

            /// The word as it stands in a document.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What kind of record a workflow hangs on.
    #[derive(Default)]
    RecordType {
        /// No stored record: the workflow begins with a request.
        #[default]
        Virtual = "virtual",
    }
}

words! {
    /// What starts a run.
    Source {
        /// A call of the endpoint's URL.
        Listener = "listener",
        /// A timetable.
        Scheduled = "scheduled",
        /// A step of another workflow, or the API alone.
        Manual = "manual",
    }
}

words! {
    /// Whether the caller waits for the run.
    #[derive(Default)]
    RunMode {
        /// The request is stored, then answered; the run goes on by itself.
        #[default]
        Async = "async",
        /// The caller waits; nothing is kept if the platform dies.
        Sync = "sync",
    }
}

words! {
    /// What the caller of an endpoint gets.
    ReturnType {
        /// A body whose type is detected from the rendered text.
        Data = "data",
        /// A page.
        Html = "html",
        /// A redirection.
        Redirect = "redirect",
        /// Whatever the first `respond` step of the run says.
        Continue = "continue",
        /// The frames of the run's `sse_frame` steps.
        Sse = "sse",
    }
}

words! {
    /// A request method that an endpoint can accept. HEAD goes with GET.
    Method {
        /// GET (and HEAD).
        Get = "GET",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
        /// PATCH.
        Patch = "PATCH",
        /// DELETE.
        Delete = "DELETE",
    }
}

words! {
    /// A method of an outgoing request.
    #[derive(Default)]
    RequestMethod {
        /// GET.
        #[default]
        Get = "GET",
        /// HEAD.
        Head = "HEAD",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
        /// PATCH.
        Patch = "PATCH",
        /// DELETE.
        Delete = "DELETE",
        /// OPTIONS.
        Options = "OPTIONS",
    }
}

words! {
    /// The span that a rate limit counts over.
    Period {
        /// One second.
        Second = "second",
        /// One minute.
        Minute = "minute",
        /// One hour.
        Hour = "hour",
    }
}

impl Period {
    /// The span in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }
}

words! {
    /// What a delay is counted in.
    Unit {
        /// Seconds.
        Second = "second",
        /// Minutes.
        Minute = "minute",
        /// Hours.
        Hour = "hour",
        /// Days of 24 hours.
        Day = "day",
    }
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];

    /// The unit in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

words! {
    /// What happens to a run whose caller leaves.
    #[derive(Default)]
    OnDisconnect {
        /// The run goes on to its end.
        #[default]
        Finish = "finish",
        /// The run stops.
        Cancel = "cancel",
    }
}

words! {
    /// What happens to a waiting request whose runner is lost.
    OnRunnerLost {
        /// The request is sent to another runner: steps may run twice.
        Resend = "resend",
        /// The caller gets a 502 with the run id.
        Fail = "fail",
    }
}

words! {
    /// How weighty a line of the run log is.
    #[derive(Default)]
    Level {
        /// For finding a fault.
        Debug = "debug",
        /// The usual.
        #[default]
        Info = "info",
        /// Odd, but the run goes on.
        Warn = "warn",
        /// Something failed.
        Error = "error",
    }
}

words! {
    /// How a `stop` step ends the run.
    #[derive(Default)]
    Outcome {
        /// The run counts as done.
        #[default]
        Success = "success",
        /// The run counts as failed.
        Failure = "failure",
    }
}

words! {
    /// What a turn of a `for_each` that fails means for those that have not begun.
    #[derive(Default)]
    OnError {
        /// They are done all the same.
        #[default]
        Continue = "continue",
        /// They are not.
        Stop = "stop",
    }
}

words! {
    /// Of which runs the run log keeps a record.
    #[derive(Default)]
    Keep {
        /// Every run.
        #[default]
        All = "all",
        /// Those that did not succeed.
        Failures = "failures",
        /// None.
        Nothing = "none",
    }
}
