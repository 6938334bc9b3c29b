//! House components: what every page is built from. No domain nouns live here, and nothing here knows the server.
//!
//! `use crate::ui::*;` brings all of it. Styles are in `style/components/<name>.css`; colours only in `style/tokens.css`.
//! `/gallery` shows each component in each state.
//!
//! Reading the listing: *s* = `Signal`, a plain value or a closure (`value=move || x.get()`); *o* = may be left out; slots are closures
//! (`actions=|| view! { … }`). Text props take `&str` or `String`. Every component takes `attr:…`, and `class:…` works on none:
//! wrap instead. Inline `style` is forbidden by the content security policy.
//!
//! # Doing
//! ```text
//! <Button variant=Variant::Primary busy=pending icon=Glyph::Check>"Submit answers"</Button>   // submits its form
//! <Button on_click=move |_| close()>"Close"</Button>         // with on_click it is a plain button; also o: name value form disabled(s) size=Size::Small full label(aria) kind=ButtonKind::Submit
//! <LinkButton href="/courses/new" variant=Variant::Primary icon=Glyph::Plus>"New course"</LinkButton>   // o: download external
//! <Dialog id="publish" title="Publish grades for 58 students" open=open footer=|| view!{…}>…</Dialog>   // open: RwSignal<bool>; needs script
//! <Confirm label="Delete draft…" variant=Variant::Danger>"This removes 12 answers." <form …/></Confirm>  // <details>: works without script
//! <Menu label="More" icon=Glyph::More>  <a href=…/> <button …/>  </Menu>                      // <details> drop-down
//! ```
//! # Asking
//! ```text
//! <TextField name="email" label="E-mail" kind=InputKind::Email value=s hint="…" error=s required=true autocomplete="email" on_input=move |text: String| … />
//!     // kinds: Text Email Password Number Search Url Tel Date DateTime Code; o: id min max step maxlength suffix="points" autofocus disabled(s) readonly
//! <TextArea name="body" label="Your answer" value=s rows=12 serif=true hint error required maxlength on_input on_blur label_hidden/>
//! <Select name="role" label="Role" options=vec![Choice::new("student", "Student")] value=s hint error required on_change=move |value: String| …/>
//! <RadioGroup name="kind" legend="Kind" options=vec![Choice::new("a", "A").hint("…")] value=s on_change hint error inline=true/>
//! <CheckboxGroup name="scopes" legend="Scopes" options values=Vec<String> hint error/>
//! <Checkbox name="terms" label="I agree" checked=s value="on" hint error on_change=move |on: bool| …/>
//! <Fieldset legend="Dates" hint="…">…</Fieldset>      <FormActions>…buttons…</FormActions>
//! <FieldShell id="x" label="…" hint error required>…own input with id="x"…</FieldShell>
//! <ErrorSummary errors=vec![FieldError::new("email", "Enter an e-mail address.")]/>   // s; links to #f-<name>; shows nothing when empty
//! <FileDrop name="file" label="Drop files here" hint="PDF up to 50 MB" accept=".pdf" multiple=true on_files=move |files: Vec<PickedFile>| … error/>
//! ```
//! A field's id is `f-<name>` unless `id` is given.
//!
//! # Showing
//! ```text
//! <Table caption="Students" columns=vec![Column::text("Name"), Column::number("Points"), Column::sorted("Due", href, Sort::Ascending)] caption_hidden sticky>
//!     <tr><th scope="row">…</th><td class="num">…</td></tr>  </Table>        // children are rows
//! <Pager label="Students" prev=Option<String> next=Option<String> note="1–50 of 312"/>
//! <Tabs label="Course" items=vec![Tab::new("Students", "/c/1/students").count(58).current(true)]/>
//! <Badge tone=Tone::Review>"Needs review"</Badge>            // icon and word always; o: icon
//! <Panel title="Due next" actions=|| view!{…} id level=2 tone flush>…</Panel>   <Card href="/c/1" title="Biology 101" note="…">…</Card>
//! <Stat label="Graded" value=s(u64) unit="answers" note tone href/>     <Count value=s(u64)/>   // ticks; grouped digits that keep their width
//! <Progress label="Uploading" value=s(f64) max=100.0 note=s(String) tone/>        // under way; leave value out when unknown
//! <Meter label="Disk" value=s(f64) max=1.0 note=s(String) tone hide_label/>         // a level
//! <Facts><Fact label="Due">…</Fact></Facts>                  // definition list
//! <Time at="2026-11-24T14:02:11Z" text="in 3 hours" full="Tuesday 24 November 2026, 15:02 (Europe/Berlin)"/>
//! <Breadcrumb items=vec![Crumb::new("Biology 101", "/c/1"), Crumb::here("Assignment 2")]/>
//! <KeyHint keys="Ctrl K"/>   <KeyHelp id="keys" keys=vec![("J", "Next answer")]/>   // `?` opens it; a plain <details> without script
//! <Icon glyph=Glyph::Check/>                                  // decoration, aria-hidden; o: label makes it speak
//! <CodeBlock label="main.rs" text=String/>    <Quote cite="…">…</Quote>
//! ```
//! # Voices
//! ```text
//! <StudentVoice text=String label="Answer" marks=vec![Mark::new(start, end, "criterion A")]/>   // byte ranges; serif, 68 characters wide
//! <MachineVoice label="Suggests 3 of 5" detail="81 % sure">…why…</MachineVoice>
//! <TeacherVoice label="4 of 5" by="Dr Okafor">…comment…</TeacherVoice>
//! ```
//! # Charts (server-rendered SVG, a hidden data table behind each; all data are *s* and may change every frame)
//! ```text
//! <Histogram title="Scores" x="points" y="answers" bands=vec![Band::new("sure", Tone::Machine)] bins=s(vec![Bin::new("0", vec![4, 1, 0])])/>
//! <BarRows title="Questions" unit="answers" rows=s(vec![BarRow::new("Question 1", 40.0, 58.0).note("40 of 58").tone(Tone::Machine).href("…")])/>
//! <Sparkline title="Answers a second" unit="/s" points=s(Vec<f64>) tone/>
//! <Donut title="Decided" parts=s(vec![Part::new("machine", 40.0, Tone::Machine)]) centre=s("69 %")/>
//! <Strip title="Progress" parts=s(Vec<Part>) unit="answers"/>             // one stacked bar with direct labels
//! ```
//! # States
//! ```text
//! <Empty title="No answers yet" icon=Glyph::Inbox action=|| view!{…}>"They appear here as students submit."</Empty>
//! <Skeleton shape=SkeletonShape::Rows count=5/>               // Rows Text Tiles Chart; shows itself only after 200 ms
//! <ErrorState title="The list could not be loaded" safe="Nothing was changed." todo="Try again in a minute." incident="…" retry="/here"/>
//! <Notice tone=Tone::Late icon=Glyph::Offline title="You are offline">"Everything you type is kept."</Notice>   // o: urgent
//! toast(Tone::Right, "Draft saved")   toast_undo("12 grades published", Callback::new(|()| …))       // from event handlers
//! ```
//! # Frame
//! ```text
//! <Frame brand="Auto-Grader" home="/" places=vec![Place::new("Courses", "/courses", Glyph::Book).count(s)] current=s(path)
//!        user=|| view!{ <UserMenu name="Ada" detail="ada@…">links</UserMenu> } notices=|| view!{ <Notice …/> }>page</Frame>
//!     // main is #main; includes skip link, ToastArea and provide_toasts(); place is current when the path starts with its href (or exact=true)
//! <QuietFrame brand="Auto-Grader" home="/" notices=…>sign-in and other small pages</QuietFrame>
//! <PageHeader title="Assignment 2" lead="Due in 3 hours" trail=vec![Crumb…] actions=|| view!{…} badge=|| view!{…}/>
//! <ThemeSwitch/>     // light, dark, as the system; sets <html data-theme> and the cookie `theme`; the shell should render the cookie's value
//! ```
//! The few words components say themselves are in `words.rs`: `provide_context::<&'static Words>(&GERMAN)` changes the language.
//!
//! # Classes for laying out
//! `stack` (vertical, `stack-tight` `stack-loose`), `row` (wraps, centred), `row-between`, `grid-2` `grid-3` `tiles` (columns that fold), `fields` (form fields side by side, lines shared),
//! `split` (content and a right panel: two children), `measure` (68ch), `prose`, `num` (tabular, right), `muted` `small` `quiet-link`,
//! `visually-hidden`, `no-print`, `print-only`, `needs-script` (hidden without script), `truncate`.

mod badge;
mod breadcrumb;
mod button;
mod chart;
mod dialog;
mod facts;
mod field;
mod filedrop;
mod frame;
mod gallery;
mod icon;
mod key;
mod notice;
mod page;
mod panel;
mod progress;
mod script;
mod stat;
mod state;
mod table;
mod tabs;
mod time;
mod toast;
mod tone;
mod voice;
mod words;

pub use badge::*;
pub use breadcrumb::*;
pub use button::*;
pub use chart::*;
pub use dialog::*;
pub use facts::*;
pub use field::*;
pub use filedrop::*;
pub use frame::*;
pub use gallery::GalleryPage;
pub use icon::*;
pub use key::*;
pub use notice::*;
pub use page::*;
pub use panel::*;
pub use progress::*;
pub use stat::*;
pub use state::*;
pub use table::*;
pub use tabs::*;
pub use time::*;
pub use toast::*;
pub use tone::*;
pub use voice::*;
pub use words::*;
