/* A queue of nodes that can be unlinked where they are: each knows who points to it. */
#ifndef _CHAIN_H
#define _CHAIN_H

struct chain_node {
	struct chain_node *next;
	struct chain_node **link;	/* NULL: in no chain */
};

struct chain {
	struct chain_node *first;
	struct chain_node **end;
};

static inline void chain_init(struct chain *c)
{
	c->first = NULL;
	c->end = &c->first;
}

static inline int chain_empty(const struct chain *c)
{
	return !c->first;
}

static inline int chained(const struct chain_node *n)
{
	return n->link != NULL;
}

static inline void chain_add(struct chain *c, struct chain_node *n)
{
	n->next = NULL;
	n->link = c->end;
	*c->end = n;
	c->end = &n->next;
}

static inline void chain_del(struct chain *c, struct chain_node *n)
{
	*n->link = n->next;
	if (n->next)
		n->next->link = n->link;
	else
		c->end = n->link;
	n->link = NULL;
}

#endif
