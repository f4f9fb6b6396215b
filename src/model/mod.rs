//! PLACEHOLDER model
