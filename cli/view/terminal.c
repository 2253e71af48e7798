/* SPDX-License-Identifier: MIT */
/*
 * The terminal, with the care it needs:
 *
 *     taken   colours only when it has them and NO_COLOR is not set; UTF-8 unless the locale says otherwise
 *     Ctrl-Z  given back, stopped as the shell expects (SIGTSTP), taken again
 *     resize  SIGWINCH and SIGCONT through a descriptor, so that nothing is drawn from a handler
 *     crash   and Ctrl-\: a handler that writes the three strings that lead back, sets the modes back, and lets the signal go on
 *
 * SIGINT, SIGTERM and SIGHUP end the run in the session's loop, and what follows it gives the terminal back. SIGKILL nobody can help.
 * The texts and modes for the handler are the only file-scope state: a handler has no other way to them.
 */
#include "terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#define ESCAPE_MS 25 /* how long a lone Esc may be the begin of a longer key */

static const int stopping[] = { SIGWINCH, SIGTSTP, SIGCONT };
static const int fatal[] = { SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS };
static const int taken_by_curses[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what it can ----------------------------------------------------------------------------------------------- */

static bool can_move(const char **ret_why)
{
	const char *name = getenv("TERM");
	bool can = false;
	int why;

	*ret_why = "TERM is not set to a terminal that is known here";
	if (!name || !*name || setupterm(name, STDOUT_FILENO, &why) != OK)
		return false;
	const char *cup = tigetstr("cup"), *clear = tigetstr("clear");
	if (!cup || cup == (char *)-1 || !clear || clear == (char *)-1)
		*ret_why = "this terminal cannot move its cursor";
	else
		can = true;
	del_curterm(cur_term);
	return can;
}

bool terminal_is_fit(const char **ret_why)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	*ret_why = "standard input and output are not both a terminal";
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	*ret_why = "this program runs in the background";
	if (foreground >= 0 && foreground != getpgrp())
		return false;
	return can_move(ret_why);
}

/* Rows are UTF-8 in every format. A locale that was left at its default says nothing about the terminal. */
static void set_locale(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* ---- crashes --------------------------------------------------------------------------------------------------- */

static struct {
	struct termios modes;
	char text[128];
	size_t len;
} way_back;

static void on_crash(int number)
{
	if (write(STDOUT_FILENO, way_back.text, way_back.len) >= 0)
		tcsetattr(STDOUT_FILENO, TCSANOW, &way_back.modes);
	/* SA_RESETHAND: this time it does what it always did. */
	raise(number);
}

static void add_way_back(const char *name)
{
	const char *text = tigetstr(name);
	size_t len = text && text != (char *)-1 ? strlen(text) : 0;

	if (len > sizeof(way_back.text) - way_back.len)
		return;
	memcpy(way_back.text + way_back.len, text, len);
	way_back.len += len;
}

static void set_handlers(bool is_taken)
{
	struct sigaction action = { .sa_handler = is_taken ? on_crash : SIG_DFL,
				    .sa_flags = (int)SA_RESETHAND | SA_NODEFER };

	for (size_t i = 0; i < N_ELEMENTS(fatal); i++)
		sigaction(fatal[i], &action, NULL);
	/* Those that curses sets are served elsewhere. */
	for (size_t i = 0; i < N_ELEMENTS(taken_by_curses); i++)
		signal(taken_by_curses[i], SIG_DFL);
}

/* ---- taken and given back -------------------------------------------------------------------------------------- */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < N_ELEMENTS(stopping); i++)
		sigaddset(&set, stopping[i]);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void block(int how, int number)
{
	sigset_t set;

	sigemptyset(&set);
	if (number)
		sigaddset(&set, number);
	for (size_t i = 0; !number && i < N_ELEMENTS(stopping); i++)
		sigaddset(&set, stopping[i]);
	sigprocmask(how, &set, NULL);
}

bool terminal_open(struct terminal *terminal)
{
	const char *no_colour = getenv("NO_COLOR");

	set_locale();
	terminal->signal_fd = open_signals();
	if (terminal->signal_fd < 0)
		return false;
	tcgetattr(STDOUT_FILENO, &way_back.modes);
	terminal->screen = newterm(NULL, stdout, stdin);
	if (!terminal->screen) {
		close(terminal->signal_fd);
		return false;
	}
	block(SIG_BLOCK, 0);
	way_back.len = 0;
	add_way_back("sgr0");
	add_way_back("cnorm");
	add_way_back("rmcup");
	set_handlers(true);
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	terminal->has_colours = (!no_colour || !*no_colour) && has_colors();
	if (terminal->has_colours) {
		start_color();
		use_default_colors();
	}
	return true;
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal->screen)
		return;
	endwin();
	delscreen(terminal->screen);
	terminal->screen = NULL;
	set_handlers(false);
	block(SIG_UNBLOCK, 0);
	close(terminal->signal_fd);
}

/* ---- meanwhile ------------------------------------------------------------------------------------------------- */

static void learn_size(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(stdscr, TRUE);
}

static void stop(void)
{
	endwin();
	raise(SIGTSTP);
	block(SIG_UNBLOCK, SIGTSTP); /* stops here */
	block(SIG_BLOCK, SIGTSTP);
	reset_prog_mode();
}

void terminal_serve(struct terminal *terminal)
{
	struct signalfd_siginfo info;

	while (read(terminal->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP)
			stop();
		else if (info.ssi_signo == SIGCONT)
			reset_prog_mode();
		learn_size();
	}
}
