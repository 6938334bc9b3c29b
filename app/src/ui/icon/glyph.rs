//! The drawings.

/// Every drawing in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    ArrowLeft,
    ArrowRight,
    Bell,
    Book,
    Calendar,
    Chart,
    Check,
    ChevronDown,
    ChevronRight,
    Clock,
    Code,
    Copy,
    Cross,
    Dot,
    Download,
    External,
    Eye,
    File,
    Filter,
    Flag,
    Gear,
    Group,
    Home,
    Inbox,
    Info,
    Key,
    Link,
    List,
    Lock,
    Mail,
    Message,
    Minus,
    Moon,
    More,
    Offline,
    Pause,
    Pen,
    People,
    Person,
    PersonCheck,
    Play,
    Plus,
    Receipt,
    Refresh,
    Scale,
    Search,
    Send,
    Server,
    Shield,
    SignOut,
    Spark,
    Star,
    Sun,
    System,
    Trash,
    Undo,
    Upload,
    Warning,
}

impl Glyph {
    /// The path to stroke.
    pub fn path(self) -> &'static str {
        match self {
            Glyph::ArrowLeft => "M20 12H4.5M11 5l-7 7 7 7",
            Glyph::ArrowRight => "M4 12h15.5M13 5l7 7-7 7",
            Glyph::Bell => "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 21h4",
            Glyph::Book => {
                "M12 6.5c-2-1.5-5-2-8.5-2v13.5c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2V4.5c-3.5 0-6.5.5-8.5 2zM12 6.5V20"
            }
            Glyph::Calendar => "M4 6h16v14.5H4zM4 10.5h16M8.5 3v5M15.5 3v5",
            Glyph::Chart => "M3.5 20.5h17M7 17v-5M12 17V5M17 17V9",
            Glyph::Check => "M4.5 12.5l5 5L19.5 7",
            Glyph::ChevronDown => "M6 9.5l6 6 6-6",
            Glyph::ChevronRight => "M9.5 6l6 6-6 6",
            Glyph::Clock => "M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0M12 7v5.2l3.4 2",
            Glyph::Code => "M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14",
            Glyph::Copy => "M9 9h11v11.5H9zM15 5.5V3.5H4V15h2",
            Glyph::Cross => "M6 6l12 12M18 6L6 18",
            Glyph::Dot => "M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
            Glyph::Download => "M12 3.5v12M6.5 10.5l5.5 5.5 5.5-5.5M4 20.5h16",
            Glyph::External => "M13.5 4H20v6.5M20 4l-9 9M18 14.5V20H4V6h5.5",
            Glyph::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM9.2 12a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0-5.6 0"
            }
            Glyph::File => "M6 3h8l4.5 4.5V21H6zM13.5 3v5h5",
            Glyph::Filter => "M3.5 5.5h17M7 12h10M10.5 18.5h3",
            Glyph::Flag => "M5.5 21.5V3.5M5.5 4.5h13l-3 4.5 3 4.5h-13",
            Glyph::Gear => {
                "M4 7h8.5M17.5 7H20M4 17h2.5M11.5 17H20M12.5 7a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M6.5 17a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0"
            }
            Glyph::Group => "M12 3.5l9 5-9 5-9-5zM3.5 13l8.5 4.7 8.5-4.7M3.5 17.2l8.5 4.3 8.5-4.3",
            Glyph::Home => "M4 10.5l8-7 8 7v10h-5.5v-6h-5v6H4z",
            Glyph::Inbox => "M3.5 13.5l3-9h11l3 9v6.5h-17zM3.5 13.5h5l1.5 2.5h4l1.5-2.5h5",
            Glyph::Info => "M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0M12 11v5.5M12 7.7v.1",
            Glyph::Key => "M3.5 15.5a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0M11.2 12.3L20 3.5M16.5 7l3 3",
            Glyph::Link => {
                "M10 14a4 4 0 0 0 5.7 0l3.6-3.6a4 4 0 0 0-5.7-5.7L12.5 6M14 10a4 4 0 0 0-5.7 0l-3.6 3.6a4 4 0 0 0 5.7 5.7L11.5 18"
            }
            Glyph::List => "M9 6h11.5M9 12h11.5M9 18h11.5M4 6h.1M4 12h.1M4 18h.1",
            Glyph::Lock => "M5 11h14v9.5H5zM8 11V8a4 4 0 0 1 8 0v3",
            Glyph::Mail => "M3.5 5.5h17v13.5h-17zM3.5 7l8.5 6.5L20.5 7",
            Glyph::Message => "M3.5 4.5h17v12H12l-4.5 4v-4h-4z",
            Glyph::Minus => "M5 12h14",
            Glyph::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
            Glyph::More => {
                "M4.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M11.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M18.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0"
            }
            Glyph::Offline => {
                "M3.5 3.5l17 17M8.5 8.6A5.5 5.5 0 0 0 7 19h10.5M12 7a5.5 5.5 0 0 1 5.3 4.2 4 4 0 0 1 3 5.8"
            }
            Glyph::Pause => "M8.5 5v14M15.5 5v14",
            Glyph::Pen => "M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5",
            Glyph::People => {
                "M5.5 8.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0M2.5 20c.5-3.8 3-5.8 6.5-5.8s6 2 6.5 5.8M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.7c2.3.8 3.7 2.6 4 5.3"
            }
            Glyph::Person => "M8 8a4 4 0 1 0 8 0a4 4 0 1 0-8 0M4.5 20.5c.7-4.2 3.6-6.3 7.5-6.3s6.8 2.1 7.5 6.3",
            Glyph::PersonCheck => {
                "M5.5 8a4 4 0 1 0 8 0a4 4 0 1 0-8 0M2.5 20.5c.7-4.2 3.3-6.3 7-6.3 1.6 0 3 .4 4.2 1.2M14.5 18l2.5 2.5 5-5.5"
            }
            Glyph::Play => "M7.5 4.5v15l12-7.5z",
            Glyph::Plus => "M12 5v14M5 12h14",
            Glyph::Receipt => "M5.5 3v18l2.2-1.5L9.8 21l2.2-1.5 2.2 1.5 2.1-1.5 2.2 1.5V3zM9 8h6M9 12h6",
            Glyph::Refresh => "M20 11.5A8 8 0 0 0 5.8 7L4 9M4 4.5V9h4.5M4 12.5A8 8 0 0 0 18.2 17l1.8-2M20 19.5V15h-4.5",
            Glyph::Scale => {
                "M12 4v16.5M7 20.5h10M5 6.5h14M5 6.5l-2.5 7a2.8 2.8 0 0 0 5 0zM19 6.5l-2.5 7a2.8 2.8 0 0 0 5 0z"
            }
            Glyph::Search => "M4 10.5a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0M15.3 15.3l5.2 5.2",
            Glyph::Send => "M3.5 11.5L20.5 4l-6 16.5-3.5-6.5zM11 14l4-4.5",
            Glyph::Server => "M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.1M7.5 16.5h.1",
            Glyph::Shield => "M12 3l7.5 2.8v5.7c0 5-3.2 8-7.5 9.5-4.3-1.5-7.5-4.5-7.5-9.5V5.8z",
            Glyph::SignOut => "M13 4H5v16h8M10 12h10.5M16.5 8l4 4-4 4",
            Glyph::Spark => "M12 3.5l2 6.5 6.5 2-6.5 2-2 6.5-2-6.5-6.5-2 6.5-2z",
            Glyph::Star => "M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6-5.3-2.9L6.7 20l1.1-6-4.4-4.2 6-.8z",
            Glyph::Sun => {
                "M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Glyph::System => "M3.5 5h17v11.5h-17zM9 20.5h6M12 16.5v4",
            Glyph::Trash => "M4.5 7h15M9 7V4h6v3M6.5 7l1 13.5h9l1-13.5M10 11v5.5M14 11v5.5",
            Glyph::Undo => "M8 4.5L3.5 9 8 13.5M3.5 9h11a5.5 5.5 0 0 1 0 11H9",
            Glyph::Upload => "M12 16V4M6.5 9.5L12 4l5.5 5.5M4 20.5h16",
            Glyph::Warning => "M12 4L2.5 20h19zM12 10v4.5M12 17.3v.1",
        }
    }

    /// All of them, in order; for the gallery.
    pub const ALL: [(Glyph, &'static str); 58] = [
        (Glyph::ArrowLeft, "ArrowLeft"),
        (Glyph::ArrowRight, "ArrowRight"),
        (Glyph::Bell, "Bell"),
        (Glyph::Book, "Book"),
        (Glyph::Calendar, "Calendar"),
        (Glyph::Chart, "Chart"),
        (Glyph::Check, "Check"),
        (Glyph::ChevronDown, "ChevronDown"),
        (Glyph::ChevronRight, "ChevronRight"),
        (Glyph::Clock, "Clock"),
        (Glyph::Code, "Code"),
        (Glyph::Copy, "Copy"),
        (Glyph::Cross, "Cross"),
        (Glyph::Dot, "Dot"),
        (Glyph::Download, "Download"),
        (Glyph::External, "External"),
        (Glyph::Eye, "Eye"),
        (Glyph::File, "File"),
        (Glyph::Filter, "Filter"),
        (Glyph::Flag, "Flag"),
        (Glyph::Gear, "Gear"),
        (Glyph::Group, "Group"),
        (Glyph::Home, "Home"),
        (Glyph::Inbox, "Inbox"),
        (Glyph::Info, "Info"),
        (Glyph::Key, "Key"),
        (Glyph::Link, "Link"),
        (Glyph::List, "List"),
        (Glyph::Lock, "Lock"),
        (Glyph::Mail, "Mail"),
        (Glyph::Message, "Message"),
        (Glyph::Minus, "Minus"),
        (Glyph::Moon, "Moon"),
        (Glyph::More, "More"),
        (Glyph::Offline, "Offline"),
        (Glyph::Pause, "Pause"),
        (Glyph::Pen, "Pen"),
        (Glyph::People, "People"),
        (Glyph::Person, "Person"),
        (Glyph::PersonCheck, "PersonCheck"),
        (Glyph::Play, "Play"),
        (Glyph::Plus, "Plus"),
        (Glyph::Receipt, "Receipt"),
        (Glyph::Refresh, "Refresh"),
        (Glyph::Scale, "Scale"),
        (Glyph::Search, "Search"),
        (Glyph::Send, "Send"),
        (Glyph::Server, "Server"),
        (Glyph::Shield, "Shield"),
        (Glyph::SignOut, "SignOut"),
        (Glyph::Spark, "Spark"),
        (Glyph::Star, "Star"),
        (Glyph::Sun, "Sun"),
        (Glyph::System, "System"),
        (Glyph::Trash, "Trash"),
        (Glyph::Undo, "Undo"),
        (Glyph::Upload, "Upload"),
        (Glyph::Warning, "Warning"),
    ];
}
