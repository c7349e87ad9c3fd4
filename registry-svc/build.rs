//! A new migration is a reason to build again, which cargo cannot know by itself.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
