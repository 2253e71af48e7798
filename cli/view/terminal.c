/* SPDX-License-Identifier: MIT */
/*
 * The terminal, with the care it needs:
 *
 *     taken   colours only when it has them and NO_COLOR is not set; UTF-8 unless the locale says otherwise
 *     Ctrl-Z  given back, stopped as the shell expects (SIGTSTP), taken again
 *     resize  SIGWINCH and SIGCONT through a descriptor, so that nothing is drawn from a handler
 *     crash   and any other signal that ends a process: a handler that sets the modes back, writes the three strings that lead back, and
 *             lets the signal go on
 *
 * SIGINT, SIGTERM and SIGHUP end the run in the session's loop, and what follows it gives the terminal back; the handler is for the second one.
 * SIGKILL nobody can help.
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
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#define ESCAPE_MS 25 /* how long a lone Esc may be the begin of a longer key */

static const int stopping[] = { SIGWINCH, SIGTSTP, SIGCONT };
/* All others end a process, those of real time among them. What is ignored (nohup, SIGPIPE) stays so. */
static const int harmless[] = { SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH };
static const int taken_by_curses[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };

#define LAST_MS 100 /* for the strings that lead back, on a terminal that was stopped */

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
	int fd; /* non-blocking, where it can be */
} way_back;

static void on_crash(int number)
{
	tcsetattr(STDOUT_FILENO, TCSANOW, &way_back.modes);
	if (write(way_back.fd, way_back.text, way_back.len) < 0)
		tcflush(STDOUT_FILENO, TCOFLUSH); /* it takes nothing: at least not half a picture either */
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

static bool is_harmless(int number)
{
	for (size_t i = 0; i < N_ELEMENTS(harmless); i++)
		if (harmless[i] == number)
			return true;
	return false;
}

static void set_handlers(bool is_taken)
{
	struct sigaction action = { .sa_handler = is_taken ? on_crash : SIG_DFL,
				    .sa_flags = (int)SA_RESETHAND | SA_NODEFER },
			 now;

	/* Those that curses sets are served elsewhere. */
	for (size_t i = 0; i < N_ELEMENTS(taken_by_curses); i++)
		signal(taken_by_curses[i], SIG_DFL);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (!is_harmless(number) && !sigaction(number, NULL, &now) &&
		    (is_taken ? now.sa_handler != SIG_IGN : now.sa_handler == on_crash))
			sigaction(number, &action, NULL);
}

/* ---- taken and given back -------------------------------------------------------------------------------------- */

static void close_wait(struct terminal *terminal)
{
	if (terminal->wait_fd >= 0)
		close(terminal->wait_fd);
	if (terminal->signal_fd >= 0)
		close(terminal->signal_fd);
	terminal->wait_fd = terminal->signal_fd = -1;
}

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

/* The terminal is waited for only when it has not taken all: it nearly always takes something. */
static void wait_for_terminal(struct terminal *terminal, int operation)
{
	struct epoll_event event = { .events = terminal->output.queue.len ? EPOLLOUT : 0 };

	if (terminal->output.own_fd >= 0)
		epoll_ctl(terminal->wait_fd, operation, terminal->output.own_fd, &event);
}

static bool open_wait(struct terminal *terminal)
{
	struct epoll_event event = { .events = EPOLLIN };

	terminal->signal_fd = open_signals();
	terminal->wait_fd = terminal->signal_fd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
	if (terminal->wait_fd >= 0 && !epoll_ctl(terminal->wait_fd, EPOLL_CTL_ADD, terminal->signal_fd, &event))
		return true;
	close_wait(terminal);
	return false;
}

bool terminal_open(struct terminal *terminal)
{
	const char *no_colour = getenv("NO_COLOR");

	set_locale();
	if (!open_wait(terminal))
		return false;
	tcgetattr(STDOUT_FILENO, &way_back.modes);
	terminal->screen = output_open(&terminal->output) ? newterm(NULL, terminal->output.file, stdin) : NULL;
	if (!terminal->screen) {
		output_close(&terminal->output);
		close_wait(terminal);
		return false;
	}
	wait_for_terminal(terminal, EPOLL_CTL_ADD);
	way_back.fd = terminal->output.own_fd >= 0 ? terminal->output.own_fd : STDOUT_FILENO;
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
	output_begin(&terminal->output);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	terminal->has_colours = (!no_colour || !*no_colour) && has_colors();
	if (terminal->has_colours) {
		start_color();
		use_default_colors();
	}
	output_end(&terminal->output);
	return true;
}

/* The terminal as it was before, for a while or for good. curses sets the modes when all it has written was shown: that is not waited for. */
static void give_back(struct terminal *terminal)
{
	output_begin(&terminal->output);
	endwin();
	output_end(&terminal->output);
	output_finish(&terminal->output, LAST_MS);
	tcsetattr(STDOUT_FILENO, TCSANOW, &way_back.modes);
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal->screen)
		return;
	give_back(terminal);
	delscreen(terminal->screen);
	terminal->screen = NULL;
	set_handlers(false);
	output_close(&terminal->output);
	block(SIG_UNBLOCK, 0);
	close_wait(terminal);
}

/* ---- meanwhile ------------------------------------------------------------------------------------------------- */

static void learn_size(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(stdscr, TRUE);
}

bool terminal_can_draw(struct terminal *terminal)
{
	bool is_through = output_is_through(&terminal->output);

	wait_for_terminal(terminal, EPOLL_CTL_MOD);
	return is_through;
}

void terminal_refresh(struct terminal *terminal)
{
	output_begin(&terminal->output);
	refresh();
	output_end(&terminal->output);
	wait_for_terminal(terminal, EPOLL_CTL_MOD);
}

static void stop(struct terminal *terminal)
{
	give_back(terminal);
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
			stop(terminal);
		else if (info.ssi_signo == SIGCONT)
			reset_prog_mode();
		learn_size();
	}
}
