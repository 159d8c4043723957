//! Second names of functions: those for large files, which are the same where `off_t` has 64 bits; those without locks,
//! which one thread does not need; those that headers turn calls into.

/// Pairs of a name and the function it is another name of.
const NAMES: &[(&str, &str)] = &[
    ("creat64", "creat"),
    ("fopen64", "fopen"),
    ("freopen64", "freopen"),
    ("fseeko", "fseek"),
    ("fseeko64", "fseek"),
    ("fstat64", "fstat"),
    ("fsetpos64", "fsetpos"),
    ("fgetpos64", "fgetpos"),
    ("ftello", "ftell"),
    ("ftello64", "ftell"),
    ("ftruncate64", "ftruncate"),
    ("getrlimit64", "getrlimit"),
    ("lseek64", "lseek"),
    ("lstat64", "lstat"),
    ("mkstemp64", "mkstemp"),
    ("mmap64", "mmap"),
    ("open64", "open"),
    ("openat64", "openat"),
    ("posix_fadvise64", "posix_fadvise"),
    ("posix_fallocate64", "posix_fallocate"),
    ("pread64", "pread"),
    ("pwrite64", "pwrite"),
    ("readdir64", "readdir"),
    ("setrlimit64", "setrlimit"),
    ("stat64", "stat"),
    ("tmpfile64", "tmpfile"),
    ("truncate64", "truncate"),
    ("clearerr_unlocked", "clearerr"),
    ("feof_unlocked", "feof"),
    ("ferror_unlocked", "ferror"),
    ("fflush_unlocked", "fflush"),
    ("fgetc_unlocked", "fgetc"),
    ("fgets_unlocked", "fgets"),
    ("fileno_unlocked", "fileno"),
    ("fputc_unlocked", "fputc"),
    ("fputs_unlocked", "fputs"),
    ("fread_unlocked", "fread"),
    ("fwrite_unlocked", "fwrite"),
    ("getc", "fgetc"),
    ("getc_unlocked", "fgetc"),
    ("_IO_getc", "fgetc"),
    ("getchar_unlocked", "getchar"),
    ("putc", "fputc"),
    ("putc_unlocked", "fputc"),
    ("_IO_putc", "fputc"),
    ("putchar_unlocked", "putchar"),
    ("__getdelim", "getdelim"),
    ("__isoc99_scanf", "scanf"),
    ("__isoc99_fscanf", "fscanf"),
    ("__isoc99_sscanf", "sscanf"),
    ("__isoc99_vscanf", "vscanf"),
    ("__isoc99_vfscanf", "vfscanf"),
    ("__isoc99_vsscanf", "vsscanf"),
    ("__isoc23_strtol", "strtol"),
    ("__isoc23_strtoll", "strtoll"),
    ("__isoc23_strtoul", "strtoul"),
    ("__isoc23_strtoull", "strtoull"),
    ("__strdup", "strdup"),
    ("__strndup", "strndup"),
    ("__strtok_r", "strtok_r"),
    ("__mempcpy", "mempcpy"),
    ("__stpcpy", "stpcpy"),
    ("__rawmemchr", "rawmemchr"),
    ("rindex", "strrchr"),
    ("strtoq", "strtoll"),
    ("strtouq", "strtoull"),
    ("random", "rand"),
    ("srandom", "srand"),
    ("imaxabs", "llabs"),
    ("llrint", "lrint"),
    ("llround", "lround"),
    ("llrintf", "lrintf"),
    ("llroundf", "lroundf"),
    ("pow10", "exp10"),
    ("drem", "remainder"),
    ("dremf", "remainderf"),
    ("gamma", "lgamma"),
    ("gammaf", "lgammaf"),
    ("isnanf", "__isnanf"),
    ("isinff", "__isinff"),
    ("finitef", "__finitef"),
    ("pthread_sigmask", "sigprocmask"),
    ("__xpg_basename", "basename"),
    ("__sysconf", "sysconf"),
    ("secure_getenv", "getenv"),
    ("_Exit", "_exit"),
    ("quick_exit", "_exit"),
];

/// The function that `name` is another name of.
pub fn of(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(second, _)| *second == name).map(|(_, first)| *first)
}

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::libc::table::{FUNCTIONS, find};

    #[test]
    fn second_names_are_of_functions_and_are_none_themselves() {
        let is_function = |name: &str| FUNCTIONS.iter().any(|f| f.symbol == name);
        for (second, first) in NAMES {
            assert!(is_function(first), "{first}");
            assert!(!is_function(second), "{second} is declared, too");
            assert_eq!(find(second), find(first));
        }
    }
}
